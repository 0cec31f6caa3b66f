ALTER TABLE `policy_events` ADD `delivered_at` timestamp(3) NULL;
--> statement-breakpoint
CREATE INDEX `policy_events_org_delivered_id` ON `policy_events` (`org_id`,`delivered_at`,`id`);
