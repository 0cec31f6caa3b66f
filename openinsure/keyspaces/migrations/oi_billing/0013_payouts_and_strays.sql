CREATE INDEX `commission_payouts_org_created_id` ON `commission_payouts` (`org_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `commission_payouts_org_status_created_id` ON `commission_payouts` (`org_id`,`status`,`created_at`,`id`);
--> statement-breakpoint
ALTER TABLE `ledger_reconciliation_items` ADD `stray_transfer_id` char(32) NULL;
