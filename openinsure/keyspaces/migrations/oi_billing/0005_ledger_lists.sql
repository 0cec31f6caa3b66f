CREATE INDEX `gl_journal_lines_org_entry_id` ON `gl_journal_lines` (`org_id`,`entry_date`,`id`);
--> statement-breakpoint
CREATE INDEX `gl_journal_lines_org_account_code_entry_id` ON `gl_journal_lines` (`org_id`,`account_code`,`entry_date`,`id`);
--> statement-breakpoint
CREATE INDEX `gl_journal_entries_org_status_entry_id` ON `gl_journal_entries` (`org_id`,`status`,`entry_date`,`id`);
--> statement-breakpoint
CREATE INDEX `ledger_transfers_org_created_id` ON `ledger_transfers` (`org_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `ledger_transfers_org_status_created_id` ON `ledger_transfers` (`org_id`,`status`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `bordereaux_org_period_end_id` ON `bordereaux` (`org_id`,`period_end`,`id`);
--> statement-breakpoint
CREATE INDEX `bordereaux_org_updated_id` ON `bordereaux` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `bordereaux_org_status_period_end_id` ON `bordereaux` (`org_id`,`status`,`period_end`,`id`);
--> statement-breakpoint
CREATE INDEX `carrier_settlements_org_period_end_id` ON `carrier_settlements` (`org_id`,`period_end`,`id`);
--> statement-breakpoint
CREATE INDEX `carrier_settlements_org_updated_id` ON `carrier_settlements` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `carrier_settlements_org_status_period_end_id` ON `carrier_settlements` (`org_id`,`status`,`period_end`,`id`);
--> statement-breakpoint
CREATE INDEX `bank_transactions_org_posted_on_id` ON `bank_transactions` (`org_id`,`posted_on`,`id`);
--> statement-breakpoint
CREATE INDEX `commission_statements_org_period_end_id` ON `commission_statements` (`org_id`,`period_end`,`id`);
--> statement-breakpoint
CREATE INDEX `tax_remittances_org_due_id` ON `tax_remittances` (`org_id`,`due_date`,`id`);
--> statement-breakpoint
CREATE INDEX `reinsurance_cessions_org_period_end_id` ON `reinsurance_cessions` (`org_id`,`period_end`,`id`);
--> statement-breakpoint
CREATE INDEX `reinsurance_recoverables_org_billed_on_id` ON `reinsurance_recoverables` (`org_id`,`billed_on`,`id`);
--> statement-breakpoint
CREATE INDEX `billing_holds_org_starts_on_id` ON `billing_holds` (`org_id`,`starts_on`,`id`);
--> statement-breakpoint
CREATE INDEX `nonpay_workflows_org_updated_id` ON `nonpay_workflows` (`org_id`,`updated_at`,`id`);
