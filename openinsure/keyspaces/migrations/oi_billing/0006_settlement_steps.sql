ALTER TABLE `carrier_settlements` ADD `approved_at` timestamp(3) NULL;
--> statement-breakpoint
ALTER TABLE `carrier_settlements` ADD `released_at` timestamp(3) NULL;
--> statement-breakpoint
ALTER TABLE `carrier_settlements` ADD `reason` varchar(255) NULL;
--> statement-breakpoint
ALTER TABLE `reinsurance_cessions` ADD `settlement_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
CREATE INDEX `reinsurance_cessions_org_settlement` ON `reinsurance_cessions` (`org_id`,`settlement_id`);
--> statement-breakpoint
ALTER TABLE `settlement_payouts` ADD `external_account_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `settlement_payouts` ADD `reason` varchar(255) NULL;
--> statement-breakpoint
ALTER TABLE `tax_remittances` ADD `author_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `tax_remittances` ADD `approved_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `tax_remittances` ADD `approved_at` timestamp(3) NULL;
--> statement-breakpoint
ALTER TABLE `tax_remittances` ADD `bank_transaction_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
