CREATE INDEX `insureds_org_fein_last4` ON `insureds` (`org_id`,`fein_last4`);
--> statement-breakpoint
CREATE INDEX `insureds_org_mc_number` ON `insureds` (`org_id`,`mc_number`);
