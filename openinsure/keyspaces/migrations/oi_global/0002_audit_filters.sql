CREATE INDEX `audit_log_org_action_occurred_id` ON `audit_log` (`org_id`,`action`,`occurred_at`,`id`);
--> statement-breakpoint
CREATE INDEX `audit_log_org_actor_user_occurred_id` ON `audit_log` (`org_id`,`actor_user_id`,`occurred_at`,`id`);
--> statement-breakpoint
CREATE INDEX `audit_log_org_entity_table_occurred_id` ON `audit_log` (`org_id`,`entity_table`,`occurred_at`,`id`);
--> statement-breakpoint
CREATE INDEX `audit_log_org_actor_role_occurred_id` ON `audit_log` (`org_id`,`actor_role`,`occurred_at`,`id`);
--> statement-breakpoint
CREATE INDEX `audit_access_log_org_actor_user_occurred_id` ON `audit_access_log` (`org_id`,`actor_user_id`,`occurred_at`,`id`);
--> statement-breakpoint
CREATE INDEX `notifications_org_user_created_id` ON `notifications` (`org_id`,`user_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `activities_org_occurred_id` ON `activities` (`org_id`,`occurred_at`,`id`);
