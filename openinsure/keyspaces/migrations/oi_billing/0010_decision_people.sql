ALTER TABLE `commission_payouts` ADD `external_account_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `commission_payouts` ADD `author_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `commission_payouts` ADD `approved_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `commission_payouts` ADD `approved_at` timestamp(3) NULL;
--> statement-breakpoint
ALTER TABLE `commission_payouts` ADD `released_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `commission_payouts` ADD `released_at` timestamp(3) NULL;
--> statement-breakpoint
ALTER TABLE `commission_payouts` ADD `reason` varchar(255) NULL;
--> statement-breakpoint
CREATE INDEX `commission_payouts_org_status_created` ON `commission_payouts` (`org_id`,`status`,`created_at`);
--> statement-breakpoint
ALTER TABLE `gl_journal_entries` ADD `proposal` json NULL;
--> statement-breakpoint
ALTER TABLE `gl_journal_entries` ADD `proposed_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `gl_journal_entries` ADD `decided_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `gl_journal_entries` ADD `reason` varchar(255) NULL;
--> statement-breakpoint
ALTER TABLE `refunds` ADD `parts` json NULL;
--> statement-breakpoint
ALTER TABLE `refunds` ADD `asked_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `refunds` ADD `approved_at` timestamp(3) NULL;
--> statement-breakpoint
ALTER TABLE `refunds` ADD `issued_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `refunds` ADD `issued_at` timestamp(3) NULL;
--> statement-breakpoint
ALTER TABLE `refunds` ADD `reason` varchar(255) NULL;
