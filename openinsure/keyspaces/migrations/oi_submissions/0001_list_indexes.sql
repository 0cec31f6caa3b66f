CREATE INDEX `submissions_org_updated_id` ON `submissions` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_received_id` ON `submissions` (`org_id`,`received_at`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_submission_number_id` ON `submissions` (`org_id`,`submission_number`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_insured_name_id` ON `submissions` (`org_id`,`insured_name_norm`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_target_premium_id` ON `submissions` (`org_id`,`target_premium_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_status_updated_id` ON `submissions` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_status_received_id` ON `submissions` (`org_id`,`status`,`received_at`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_program_updated_id` ON `submissions` (`org_id`,`program_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_producer_updated_id` ON `submissions` (`org_id`,`producer_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_state_updated_id` ON `submissions` (`org_id`,`state`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `submissions_org_assigned_underwriter_updated_id` ON `submissions` (`org_id`,`assigned_underwriter_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `quotes_org_updated_id` ON `quotes` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `quotes_org_quote_number_id` ON `quotes` (`org_id`,`quote_number`,`id`);
--> statement-breakpoint
CREATE INDEX `quotes_org_total_id` ON `quotes` (`org_id`,`total_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `quotes_org_status_updated_id` ON `quotes` (`org_id`,`status`,`updated_at`,`id`);
