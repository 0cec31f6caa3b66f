ALTER TABLE `bordereau_lines` ADD `policy_transaction_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
ALTER TABLE `bordereau_lines` ADD `claim_payment_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
--> statement-breakpoint
CREATE UNIQUE INDEX `bordereau_lines_org_policy_transaction_uq` ON `bordereau_lines` (`org_id`,`policy_transaction_id`);
--> statement-breakpoint
CREATE INDEX `bordereau_lines_org_claim_payment` ON `bordereau_lines` (`org_id`,`claim_payment_id`);
