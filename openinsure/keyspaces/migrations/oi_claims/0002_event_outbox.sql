ALTER TABLE `claim_events` ADD `delivered_at` timestamp(3) NULL;
--> statement-breakpoint
CREATE INDEX `claim_events_org_delivered_id` ON `claim_events` (`org_id`,`delivered_at`,`id`);
