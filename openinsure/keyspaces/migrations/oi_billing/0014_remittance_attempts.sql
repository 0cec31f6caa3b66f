ALTER TABLE `tax_remittances` ADD `attempt` int NOT NULL DEFAULT 0;
--> statement-breakpoint
ALTER TABLE `tax_remittances` ADD `form_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `tax_remittances` ADD `reason` varchar(255) NULL;
