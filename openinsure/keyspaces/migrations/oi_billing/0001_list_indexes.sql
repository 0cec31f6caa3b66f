CREATE INDEX `invoices_org_updated_id` ON `invoices` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `invoices_org_due_id` ON `invoices` (`org_id`,`due_date`,`id`);
--> statement-breakpoint
CREATE INDEX `invoices_org_issue_id` ON `invoices` (`org_id`,`issue_date`,`id`);
--> statement-breakpoint
CREATE INDEX `invoices_org_invoice_number_id` ON `invoices` (`org_id`,`invoice_number`,`id`);
--> statement-breakpoint
CREATE INDEX `invoices_org_total_id` ON `invoices` (`org_id`,`total_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `invoices_org_balance_id` ON `invoices` (`org_id`,`balance_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `invoices_org_status_updated_id` ON `invoices` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `invoices_org_status_due_id` ON `invoices` (`org_id`,`status`,`due_date`,`id`);
--> statement-breakpoint
CREATE INDEX `invoices_org_producer_updated_id` ON `invoices` (`org_id`,`producer_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `payments_org_updated_id` ON `payments` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `payments_org_received_id` ON `payments` (`org_id`,`received_at`,`id`);
--> statement-breakpoint
CREATE INDEX `payments_org_payment_number_id` ON `payments` (`org_id`,`payment_number`,`id`);
--> statement-breakpoint
CREATE INDEX `payments_org_amount_id` ON `payments` (`org_id`,`amount_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `payments_org_payer_name_id` ON `payments` (`org_id`,`payer_name_norm`,`id`);
--> statement-breakpoint
CREATE INDEX `payments_org_status_updated_id` ON `payments` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `payments_org_status_received_id` ON `payments` (`org_id`,`status`,`received_at`,`id`);
--> statement-breakpoint
CREATE INDEX `payments_org_method_received_id` ON `payments` (`org_id`,`method`,`received_at`,`id`);
--> statement-breakpoint
CREATE INDEX `billing_accounts_org_updated_id` ON `billing_accounts` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `billing_accounts_org_account_number_id` ON `billing_accounts` (`org_id`,`account_number`,`id`);
--> statement-breakpoint
CREATE INDEX `billing_accounts_org_insured_name_id` ON `billing_accounts` (`org_id`,`insured_name_norm`,`id`);
--> statement-breakpoint
CREATE INDEX `billing_accounts_org_balance_id` ON `billing_accounts` (`org_id`,`balance_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `billing_accounts_org_past_due_id` ON `billing_accounts` (`org_id`,`past_due_cents`,`id`);
--> statement-breakpoint
CREATE INDEX `billing_accounts_org_status_updated_id` ON `billing_accounts` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `installments_org_due_id` ON `installments` (`org_id`,`due_date`,`id`);
--> statement-breakpoint
CREATE INDEX `installments_org_status_due_id` ON `installments` (`org_id`,`status`,`due_date`,`id`);
--> statement-breakpoint
CREATE INDEX `suspense_items_org_created_id` ON `suspense_items` (`org_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `suspense_items_org_status_created_id` ON `suspense_items` (`org_id`,`status`,`created_at`,`id`);
