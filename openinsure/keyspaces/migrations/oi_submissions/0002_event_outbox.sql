ALTER TABLE `submission_events` ADD `delivered_at` timestamp(3) NULL;
--> statement-breakpoint
CREATE INDEX `submission_events_org_delivered_id` ON `submission_events` (`org_id`,`delivered_at`,`id`);
