CREATE INDEX `claims_org_date_reported_id` ON `claims` (`org_id`,`date_reported`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_date_of_loss_id` ON `claims` (`org_id`,`date_of_loss`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_claim_number_id` ON `claims` (`org_id`,`claim_number`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_policy_number_id` ON `claims` (`org_id`,`policy_number`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_insured_name_id` ON `claims` (`org_id`,`insured_name_norm`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_incurred_id` ON `claims` (`org_id`,`incurred_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_status_updated_id` ON `claims` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_status_date_reported_id` ON `claims` (`org_id`,`status`,`date_reported`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_status_date_of_loss_id` ON `claims` (`org_id`,`status`,`date_of_loss`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_program_updated_id` ON `claims` (`org_id`,`program_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_producer_updated_id` ON `claims` (`org_id`,`producer_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_adjuster_updated_id` ON `claims` (`org_id`,`adjuster_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `claims_org_loss_state_updated_id` ON `claims` (`org_id`,`loss_state`,`updated_at`,`id`);
