ALTER TABLE `bordereaux` ADD `author_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `carrier_settlements` ADD `author_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `carrier_settlements` ADD `released_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
