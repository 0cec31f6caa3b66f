ALTER TABLE `ledger_reconciliation_items` ADD `parent_item_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `ledger_reconciliation_items` ADD `ledger_transfer_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `ledger_reconciliation_items` ADD `gl_entry_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
