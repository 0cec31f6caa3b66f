CREATE INDEX `earned_premium_postings_org_gl_entry_as_of_id` ON `earned_premium_postings` (`org_id`,`gl_entry_id`,`as_of_date`,`id`);
--> statement-breakpoint
CREATE INDEX `fee_charges_org_invoice` ON `fee_charges` (`org_id`,`invoice_id`);
--> statement-breakpoint
ALTER TABLE `ledger_accounts` ADD `last_transfer_at` timestamp(3) NULL;
--> statement-breakpoint
CREATE INDEX `ledger_accounts_org_account_type_last_balance_id` ON `ledger_accounts` (`org_id`,`account_type`,`last_balance_cents`,`id`);
