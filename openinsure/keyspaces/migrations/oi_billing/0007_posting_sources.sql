ALTER TABLE `earned_premium_postings` ADD `carrier_cumulative_cents` bigint NOT NULL DEFAULT 0;
--> statement-breakpoint
CREATE INDEX `earned_premium_postings_org_ledger_transfer` ON `earned_premium_postings` (`org_id`,`ledger_transfer_id`);
