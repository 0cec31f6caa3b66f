CREATE INDEX `disbursements_org_updated_id` ON `disbursements` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `disbursements_org_created_id` ON `disbursements` (`org_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `disbursements_org_disbursement_number_id` ON `disbursements` (`org_id`,`disbursement_number`,`id`);
--> statement-breakpoint
CREATE INDEX `disbursements_org_amount_id` ON `disbursements` (`org_id`,`amount_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `disbursements_org_payee_name_id` ON `disbursements` (`org_id`,`payee_name_norm`,`id`);
--> statement-breakpoint
CREATE INDEX `disbursements_org_status_updated_id` ON `disbursements` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `disbursements_org_method_updated_id` ON `disbursements` (`org_id`,`method`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `claim_payments_org_requested_id` ON `claim_payments` (`org_id`,`requested_at`,`id`);
--> statement-breakpoint
CREATE INDEX `claim_payments_org_status_requested_id` ON `claim_payments` (`org_id`,`status`,`requested_at`,`id`);
