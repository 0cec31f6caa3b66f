ALTER TABLE `gl_journal_lines` ADD `source_type` varchar(32) NOT NULL DEFAULT '';
--> statement-breakpoint
CREATE INDEX `gl_journal_lines_org_source_type_entry_id` ON `gl_journal_lines` (`org_id`,`source_type`,`entry_date`,`id`);
--> statement-breakpoint
ALTER TABLE `gl_periods` ADD `reopen_asked_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `gl_periods` ADD `reopened_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `gl_periods` ADD `reopen_reason` varchar(255) NULL;
