CREATE INDEX `endorsements_org_updated_id` ON `endorsements` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `endorsements_org_effective_id` ON `endorsements` (`org_id`,`effective_date`,`id`);
--> statement-breakpoint
CREATE INDEX `cancellations_org_updated_id` ON `cancellations` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `cancellations_org_effective_id` ON `cancellations` (`org_id`,`effective_date`,`id`);
--> statement-breakpoint
CREATE INDEX `renewals_org_notice_due_id` ON `renewals` (`org_id`,`notice_due_date`,`id`);
--> statement-breakpoint
CREATE INDEX `policy_notices_org_created_id` ON `policy_notices` (`org_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `regulatory_filings_org_created_id` ON `regulatory_filings` (`org_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `state_insurance_reports_org_created_id` ON `state_insurance_reports` (`org_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `policy_transactions_org_process_id` ON `policy_transactions` (`org_id`,`process_date`,`id`);
