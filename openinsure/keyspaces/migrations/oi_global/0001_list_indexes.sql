CREATE INDEX `producers_org_updated_id` ON `producers` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `producers_org_code_id` ON `producers` (`org_id`,`code`,`id`);
--> statement-breakpoint
CREATE INDEX `producers_org_agency_name_id` ON `producers` (`org_id`,`agency_name`,`id`);
--> statement-breakpoint
CREATE INDEX `producers_org_status_updated_id` ON `producers` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `producers_org_state_updated_id` ON `producers` (`org_id`,`state`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `programs_org_updated_id` ON `programs` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `programs_org_code_id` ON `programs` (`org_id`,`code`,`id`);
--> statement-breakpoint
CREATE INDEX `programs_org_name_id` ON `programs` (`org_id`,`name`,`id`);
--> statement-breakpoint
CREATE INDEX `programs_org_status_updated_id` ON `programs` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `users_org_updated_id` ON `users` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `users_org_full_name_id` ON `users` (`org_id`,`full_name`,`id`);
--> statement-breakpoint
CREATE INDEX `users_org_email_id` ON `users` (`org_id`,`email`,`id`);
--> statement-breakpoint
CREATE INDEX `users_org_role_updated_id` ON `users` (`org_id`,`role`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `users_org_status_updated_id` ON `users` (`org_id`,`status`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `rules_org_updated_id` ON `rules` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `rules_org_stage_updated_id` ON `rules` (`org_id`,`stage`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `organizations_display_name_id` ON `organizations` (`display_name`,`id`);
--> statement-breakpoint
CREATE INDEX `organizations_status_display_name_id` ON `organizations` (`status`,`display_name`,`id`);
--> statement-breakpoint
CREATE INDEX `platform_carriers_legal_name_id` ON `platform_carriers` (`legal_name`,`id`);
