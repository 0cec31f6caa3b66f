ALTER TABLE `policy_notices` ADD `rule_days` int NOT NULL DEFAULT 0;
--> statement-breakpoint
ALTER TABLE `policy_notices` ADD `citation` varchar(128) NULL;
--> statement-breakpoint
ALTER TABLE `policy_notices` ADD `proof_required` tinyint(1) NOT NULL DEFAULT 0;
--> statement-breakpoint
ALTER TABLE `policy_notices` ADD `cause_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
