CREATE INDEX `policies_org_effective_id` ON `policies` (`org_id`,`effective_date`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_expiration_id` ON `policies` (`org_id`,`expiration_date`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_policy_number_id` ON `policies` (`org_id`,`policy_number`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_insured_name_id` ON `policies` (`org_id`,`insured_name_norm`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_written_premium_id` ON `policies` (`org_id`,`written_premium_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_status_updated_id` ON `policies` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_status_effective_id` ON `policies` (`org_id`,`status`,`effective_date`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_status_expiration_id` ON `policies` (`org_id`,`status`,`expiration_date`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_program_updated_id` ON `policies` (`org_id`,`program_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_producer_updated_id` ON `policies` (`org_id`,`producer_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `policies_org_state_updated_id` ON `policies` (`org_id`,`state`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `insureds_org_updated_id` ON `insureds` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `insureds_org_name_id` ON `insureds` (`org_id`,`name_norm`,`id`);
