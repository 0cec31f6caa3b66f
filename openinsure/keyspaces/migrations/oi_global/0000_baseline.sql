CREATE TABLE IF NOT EXISTS `organizations` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `slug` varchar(64) NOT NULL,
  `legal_name` varchar(255) NOT NULL,
  `display_name` varchar(255) NOT NULL,
  `organization_type` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `parent_org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `naic_code` varchar(16) NULL,
  `fein_last4` char(4) NULL,
  `domicile_state` char(2) NULL,
  `default_currency` char(3) NOT NULL,
  `timezone` varchar(64) NOT NULL,
  `tb_ledger_id` int NOT NULL,
  `settings` json NULL,
  `onboarded_at` timestamp(3) NULL,
  `suspended_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `organizations_slug_uq` (`slug`),
  KEY `organizations_status_legal_name` (`status`,`legal_name`),
  KEY `organizations_parent_org` (`parent_org_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `organization_settings` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `setting_key` varchar(96) NOT NULL,
  `value` json NULL,
  `version` int NOT NULL,
  `updated_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `effective_at` timestamp(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `organization_settings_org_setting_key_version_uq` (`org_id`,`setting_key`,`version`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `organization_domains` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `domain` varchar(255) NOT NULL,
  `status` varchar(32) NOT NULL,
  `verified_at` timestamp(3) NULL,
  `verification_token_hash` char(64) NULL,
  `auto_role` varchar(32) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `organization_domains_org_domain_uq` (`org_id`,`domain`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `organization_features` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `feature_key` varchar(96) NOT NULL,
  `enabled` tinyint(1) NOT NULL DEFAULT 0,
  `rollout_percent` int NOT NULL DEFAULT 0,
  `set_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `note` varchar(255) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `organization_features_org_feature_key_uq` (`org_id`,`feature_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `users` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `auth_user_id` varchar(64) NOT NULL,
  `email` varchar(255) NOT NULL,
  `full_name` varchar(255) NOT NULL,
  `role` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `phone` varchar(32) NULL,
  `adjuster_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `producer_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `locale` varchar(16) NULL,
  `timezone` varchar(64) NULL,
  `mfa_enrolled` tinyint(1) NOT NULL DEFAULT 0,
  `last_login_at` timestamp(3) NULL,
  `disabled_at` timestamp(3) NULL,
  `disabled_reason` varchar(255) NULL,
  `synced_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `users_org_email_uq` (`org_id`,`email`),
  UNIQUE KEY `users_org_auth_user_uq` (`org_id`,`auth_user_id`),
  KEY `users_org_role_status` (`org_id`,`role`,`status`),
  KEY `users_org_full_name` (`org_id`,`full_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `user_roles` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `role` varchar(32) NOT NULL,
  `granted_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `granted_at` timestamp(3) NOT NULL,
  `expires_at` timestamp(3) NULL,
  `revoked_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `user_roles_org_user_role_uq` (`org_id`,`user_id`,`role`),
  KEY `user_roles_org_role_revoked` (`org_id`,`role`,`revoked_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `user_preferences` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `pref_key` varchar(96) NOT NULL,
  `value` json NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `user_preferences_org_user_pref_key_uq` (`org_id`,`user_id`,`pref_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `user_invitations` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `email` varchar(255) NOT NULL,
  `role` varchar(32) NOT NULL,
  `token_hash` char(64) NOT NULL,
  `invited_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `expires_at` timestamp(3) NOT NULL,
  `accepted_at` timestamp(3) NULL,
  `revoked_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `user_invitations_org_email_accepted` (`org_id`,`email`,`accepted_at`),
  KEY `user_invitations_org_token_hash` (`org_id`,`token_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `api_keys` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `name` varchar(128) NOT NULL,
  `key_prefix` varchar(24) NOT NULL,
  `key_hash` char(64) NOT NULL,
  `role` varchar(32) NOT NULL,
  `scopes` json NULL,
  `status` varchar(32) NOT NULL,
  `created_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `last_used_at` timestamp(3) NULL,
  `expires_at` timestamp(3) NULL,
  `revoked_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `api_keys_org_key_hash_uq` (`org_id`,`key_hash`),
  KEY `api_keys_org_status_last_used` (`org_id`,`status`,`last_used_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `api_key_usage` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `api_key_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `usage_date` date NOT NULL,
  `request_count` bigint NOT NULL DEFAULT 0,
  `error_count` bigint NOT NULL DEFAULT 0,
  `last_ip` varchar(45) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `api_key_usage_org_api_key_usage_uq` (`org_id`,`api_key_id`,`usage_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `roles` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `role_key` varchar(32) NOT NULL,
  `display_name` varchar(128) NOT NULL,
  `cross_org` tinyint(1) NOT NULL DEFAULT 0,
  `portal` varchar(32) NOT NULL,
  `description` varchar(255) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `roles_role_key_uq` (`role_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `permissions` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `permission_key` varchar(96) NOT NULL,
  `resource` varchar(64) NOT NULL,
  `action` varchar(64) NOT NULL,
  `description` varchar(255) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `permissions_permission_key_uq` (`permission_key`),
  KEY `permissions_resource_action` (`resource`,`action`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `role_permissions` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `role_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `permission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `effect` varchar(32) NOT NULL,
  `condition_json` json NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `role_permissions_role_permission_uq` (`role_id`,`permission_id`),
  KEY `role_permissions_permission` (`permission_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `authz_outbox` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `resource_type` varchar(64) NOT NULL,
  `resource_id` varchar(64) NOT NULL,
  `relation` varchar(64) NOT NULL,
  `subject_type` varchar(64) NOT NULL,
  `subject_id` varchar(64) NOT NULL,
  `operation` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `attempts` int NOT NULL DEFAULT 0,
  `zed_token` varchar(255) NULL,
  `last_error` varchar(255) NULL,
  `sent_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `authz_outbox_org_status_created` (`org_id`,`status`,`created_at`),
  KEY `authz_outbox_org_resource_type_resource` (`org_id`,`resource_type`,`resource_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `audit_log` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `actor_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `actor_role` varchar(32) NOT NULL,
  `action` varchar(64) NOT NULL,
  `entity_keyspace` varchar(32) NOT NULL DEFAULT '',
  `entity_table` varchar(64) NOT NULL DEFAULT '',
  `entity_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `parent_entity_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `request_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `ip` varchar(45) NULL,
  `user_agent` varchar(255) NULL,
  `before_json` json NULL,
  `after_json` json NULL,
  `reason` varchar(255) NULL,
  `cross_org` tinyint(1) NOT NULL DEFAULT 0,
  `seq` bigint NOT NULL,
  `prev_hash` char(64) NOT NULL,
  `row_hash` char(64) NOT NULL,
  `occurred_at` timestamp(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `audit_log_org_seq_uq` (`org_id`,`seq`),
  KEY `audit_log_org_occurred_id` (`org_id`,`occurred_at`,`id`),
  KEY `audit_log_org_entity_table_entity_occurred` (`org_id`,`entity_table`,`entity_id`,`occurred_at`),
  KEY `audit_log_org_actor_user_occurred` (`org_id`,`actor_user_id`,`occurred_at`),
  KEY `audit_log_org_action_occurred` (`org_id`,`action`,`occurred_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `audit_access_log` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `actor_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `actor_home_org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `actor_role` varchar(32) NOT NULL,
  `route` varchar(255) NOT NULL,
  `entity_table` varchar(64) NOT NULL DEFAULT '',
  `entity_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `filter_json` json NULL,
  `rows_returned` int NOT NULL DEFAULT 0,
  `reason` varchar(255) NULL,
  `ticket_ref` varchar(64) NULL,
  `request_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `ip` varchar(45) NULL,
  `occurred_at` timestamp(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `audit_access_log_org_occurred_id` (`org_id`,`occurred_at`,`id`),
  KEY `audit_access_log_org_actor_user_occurred` (`org_id`,`actor_user_id`,`occurred_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `activities` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `entity_table` varchar(64) NOT NULL,
  `entity_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `activity_type` varchar(32) NOT NULL,
  `subject` varchar(255) NULL,
  `body` text NULL,
  `user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `due_at` timestamp(3) NULL,
  `done_at` timestamp(3) NULL,
  `occurred_at` timestamp(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `activities_org_entity_table_entity_occurred` (`org_id`,`entity_table`,`entity_id`,`occurred_at`),
  KEY `activities_org_user_done_due` (`org_id`,`user_id`,`done_at`,`due_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `notifications` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `kind` varchar(64) NOT NULL,
  `title` varchar(255) NOT NULL,
  `body` text NULL,
  `link_path` varchar(255) NULL,
  `read_at` timestamp(3) NULL,
  `severity` varchar(32) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `notifications_org_user_read_created` (`org_id`,`user_id`,`read_at`,`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `notification_preferences` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `kind` varchar(64) NOT NULL,
  `channel` varchar(32) NOT NULL,
  `enabled` tinyint(1) NOT NULL DEFAULT 0,
  `quiet_hours` json NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `notification_preferences_org_user_kind_channel_uq` (`org_id`,`user_id`,`kind`,`channel`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `webhook_endpoints` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `url` varchar(255) NOT NULL,
  `secret_ref` varchar(128) NOT NULL,
  `event_types` json NULL,
  `status` varchar(32) NOT NULL,
  `failure_count` int NOT NULL DEFAULT 0,
  `disabled_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `webhook_endpoints_org_status_created` (`org_id`,`status`,`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `webhook_deliveries` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `endpoint_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `event_type` varchar(64) NOT NULL,
  `event_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `status` varchar(32) NOT NULL,
  `attempt` int NOT NULL DEFAULT 0,
  `response_code` int NULL,
  `next_attempt_at` timestamp(3) NULL,
  `payload_sha256` char(64) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `webhook_deliveries_org_endpoint_created` (`org_id`,`endpoint_id`,`created_at`),
  KEY `webhook_deliveries_org_status_next_attempt` (`org_id`,`status`,`next_attempt_at`),
  KEY `webhook_deliveries_org_event` (`org_id`,`event_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `platform_carriers` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `legal_name` varchar(255) NOT NULL,
  `naic_code` varchar(16) NOT NULL,
  `am_best_rating` varchar(8) NULL,
  `admitted_states` json NULL,
  `status` varchar(32) NOT NULL,
  `remit_basis` varchar(32) NOT NULL,
  `remit_day` int NULL,
  `bordereau_config` json NULL,
  `payout_account_ref` varchar(64) NULL,
  `default_currency` char(3) NOT NULL,
  `contact_email` varchar(255) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `platform_carriers_naic_code_uq` (`naic_code`),
  KEY `platform_carriers_status_legal_name` (`status`,`legal_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `carrier_contacts` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `full_name` varchar(255) NOT NULL,
  `role` varchar(32) NOT NULL,
  `email` varchar(255) NULL,
  `phone` varchar(32) NULL,
  `receives_bordereaux` tinyint(1) NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  KEY `carrier_contacts_carrier_role` (`carrier_id`,`role`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `carrier_bordereau_configs` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `kind` varchar(32) NOT NULL,
  `frequency` varchar(32) NOT NULL,
  `format` varchar(32) NOT NULL,
  `template_version` varchar(32) NOT NULL,
  `delivery` json NULL,
  `next_run_date` date NULL,
  `status` varchar(32) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `carrier_bordereau_configs_org_carrier_kind_uq` (`org_id`,`carrier_id`,`kind`),
  KEY `carrier_bordereau_configs_org_next_run_status` (`org_id`,`next_run_date`,`status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `programs` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `code` varchar(32) NOT NULL,
  `name` varchar(255) NOT NULL,
  `line_of_business` varchar(32) NOT NULL,
  `carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `da_agreement_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `admitted` tinyint(1) NOT NULL DEFAULT 0,
  `status` varchar(32) NOT NULL,
  `effective_date` date NOT NULL,
  `expiration_date` date NULL,
  `currency` char(3) NOT NULL,
  `min_premium_cents` bigint NOT NULL DEFAULT 0,
  `auto_bind_threshold_cents` bigint NOT NULL DEFAULT 0,
  `policy_fee_cents` bigint NOT NULL DEFAULT 0,
  `late_fee_cents` bigint NOT NULL DEFAULT 0,
  `nsf_fee_cents` bigint NOT NULL DEFAULT 0,
  `grace_days` int NOT NULL DEFAULT 0,
  `mga_commission_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `default_producer_commission_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `quota_share_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `ceding_commission_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `min_earned_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `short_rate_factor` decimal(9,6) NOT NULL,
  `carrier_payable_basis` varchar(32) NOT NULL,
  `cancel_method_insured` varchar(32) NOT NULL,
  `installment_plans` json NULL,
  `eligible_states` json NULL,
  `rate_table_version_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `programs_org_code_uq` (`org_id`,`code`),
  KEY `programs_org_status_effective` (`org_id`,`status`,`effective_date`),
  KEY `programs_org_carrier_status` (`org_id`,`carrier_id`,`status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `program_states` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` char(2) NOT NULL,
  `status` varchar(32) NOT NULL,
  `effective_date` date NOT NULL,
  `expiration_date` date NULL,
  `filing_number` varchar(64) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `program_states_org_program_state_effective_uq` (`org_id`,`program_id`,`state`,`effective_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `program_coverages` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `coverage_code` varchar(32) NOT NULL,
  `required` tinyint(1) NOT NULL DEFAULT 0,
  `limits` json NULL,
  `deductibles` json NULL,
  `min_limit_cents` bigint NOT NULL DEFAULT 0,
  `max_limit_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `program_coverages_org_program_coverage_code_uq` (`org_id`,`program_id`,`coverage_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `program_fees` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` char(2) NULL,
  `fee_code` varchar(32) NOT NULL,
  `amount_cents` bigint NOT NULL DEFAULT 0,
  `rate` decimal(9,6) NOT NULL DEFAULT 0,
  `refundable` tinyint(1) NOT NULL DEFAULT 0,
  `fully_earned` tinyint(1) NOT NULL DEFAULT 0,
  `retained_by` varchar(32) NOT NULL,
  `currency` char(3) NOT NULL,
  `effective_date` date NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `program_fees_org_program_state_fee_code_effective` (`org_id`,`program_id`,`state`,`fee_code`,`effective_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `program_installment_plans` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `plan_code` varchar(32) NOT NULL,
  `down_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `installment_count` int NOT NULL,
  `interval_months` int NOT NULL,
  `service_fee_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `active` tinyint(1) NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `program_installment_plans_org_program_plan_code_uq` (`org_id`,`program_id`,`plan_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `program_commission_rates` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `transaction_type` varchar(32) NOT NULL,
  `mga_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `producer_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `effective_date` date NOT NULL,
  `end_date` date NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `program_commission_rates_org_program_transaction_type_effective` (`org_id`,`program_id`,`transaction_type`,`effective_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `da_agreements` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version_no` int NOT NULL,
  `status` varchar(32) NOT NULL,
  `effective_date` date NOT NULL,
  `expiration_date` date NULL,
  `max_occurrence_limit_cents` bigint NOT NULL DEFAULT 0,
  `max_premium_per_policy_cents` bigint NOT NULL DEFAULT 0,
  `annual_gwp_limit_cents` bigint NOT NULL DEFAULT 0,
  `quarterly_gwp_limit_cents` bigint NOT NULL DEFAULT 0,
  `max_policies_per_insured` int NULL,
  `authorized_states` json NULL,
  `excluded_states` json NULL,
  `allowed_terms_months` json NULL,
  `currency` char(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `da_agreements_org_program_version_no_uq` (`org_id`,`program_id`,`version_no`),
  KEY `da_agreements_org_carrier_status` (`org_id`,`carrier_id`,`status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `da_referral_triggers` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `da_agreement_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `trigger_type` varchar(32) NOT NULL,
  `threshold_cents` bigint NOT NULL DEFAULT 0,
  `trigger_values` json NULL,
  `description` varchar(255) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `da_referral_triggers_org_da_agreement_trigger_type` (`org_id`,`da_agreement_id`,`trigger_type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `da_utilization_snapshots` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `da_agreement_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `as_of_date` date NOT NULL,
  `bound_gwp_cents` bigint NOT NULL DEFAULT 0,
  `limit_cents` bigint NOT NULL DEFAULT 0,
  `utilization_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `policy_count` int NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `da_utilization_snapshots_org_da_agreement_as_of_uq` (`org_id`,`da_agreement_id`,`as_of_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `producers` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `code` varchar(32) NOT NULL,
  `agency_name` varchar(255) NOT NULL,
  `name_norm` varchar(255) NOT NULL,
  `npn` varchar(16) NULL,
  `fein_last4` char(4) NULL,
  `status` varchar(32) NOT NULL,
  `billing_mode` varchar(32) NOT NULL,
  `default_commission_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `email` varchar(255) NULL,
  `phone` varchar(32) NULL,
  `address_line1` varchar(255) NULL,
  `city` varchar(128) NULL,
  `state` char(2) NULL,
  `postal_code` varchar(16) NULL,
  `payout_account_ref` varchar(64) NULL,
  `appointed_at` timestamp(3) NULL,
  `terminated_at` timestamp(3) NULL,
  `termination_reason` varchar(255) NULL,
  `owner_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `producers_org_code_uq` (`org_id`,`code`),
  KEY `producers_org_npn` (`org_id`,`npn`),
  KEY `producers_org_status_agency_name` (`org_id`,`status`,`agency_name`),
  KEY `producers_org_name` (`org_id`,`name_norm`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `producer_licenses` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `producer_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` char(2) NOT NULL,
  `license_number` varchar(64) NOT NULL,
  `license_type` varchar(32) NULL,
  `status` varchar(32) NOT NULL,
  `effective_date` date NOT NULL,
  `expiration_date` date NOT NULL,
  `verified_at` timestamp(3) NULL,
  `source` varchar(32) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `producer_licenses_org_producer_state_license_number_uq` (`org_id`,`producer_id`,`state`,`license_number`),
  KEY `producer_licenses_org_expiration_status` (`org_id`,`expiration_date`,`status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `producer_appointments` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `producer_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` char(2) NOT NULL,
  `status` varchar(32) NOT NULL,
  `effective_date` date NOT NULL,
  `termination_date` date NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `producer_appointments_org_producer_carrier_state_uq` (`org_id`,`producer_id`,`carrier_id`,`state`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `producer_users` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `producer_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `agency_role` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `invited_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `producer_users_org_producer_user_uq` (`org_id`,`producer_id`,`user_id`),
  KEY `producer_users_org_user` (`org_id`,`user_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `producer_commission_overrides` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `producer_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `transaction_type` varchar(32) NOT NULL,
  `rate` decimal(9,6) NOT NULL DEFAULT 0,
  `effective_date` date NOT NULL,
  `end_date` date NULL,
  `approved_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `producer_commission_overrides_org_producer_program_effective` (`org_id`,`producer_id`,`program_id`,`effective_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `rules` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `rule_key` varchar(96) NOT NULL,
  `name` varchar(255) NOT NULL,
  `stage` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `active_version_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `rules_org_program_rule_key_uq` (`org_id`,`program_id`,`rule_key`),
  KEY `rules_org_stage_status` (`org_id`,`stage`,`status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `rule_versions` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `rule_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version_no` int NOT NULL,
  `expression` text NULL,
  `outcome` varchar(32) NOT NULL,
  `message` varchar(255) NULL,
  `activated_at` timestamp(3) NULL,
  `activated_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `rule_versions_org_rule_version_no_uq` (`org_id`,`rule_id`,`version_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `rate_tables` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `line_of_business` varchar(32) NOT NULL,
  `state` varchar(8) NOT NULL,
  `name` varchar(128) NOT NULL,
  `table_type` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `rate_tables_org_program_line_of_business_state` (`org_id`,`program_id`,`line_of_business`,`state`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `rate_table_versions` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `rate_table_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version_no` int NOT NULL,
  `status` varchar(32) NOT NULL,
  `effective_date` date NOT NULL,
  `row_count` int NOT NULL DEFAULT 0,
  `content_sha256` char(64) NULL,
  `activated_at` timestamp(3) NULL,
  `activated_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `rate_table_versions_org_rate_table_version_no_uq` (`org_id`,`rate_table_id`,`version_no`),
  KEY `rate_table_versions_org_status_effective` (`org_id`,`status`,`effective_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `rate_factors` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `rate_table_version_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `factor_key` varchar(128) NOT NULL,
  `naics_code` varchar(8) NULL,
  `rate_per_thousand` decimal(12,6) NOT NULL,
  `factor` decimal(12,10) NOT NULL,
  `min_premium_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `rate_factors_org_rate_table_version_factor_key_uq` (`org_id`,`rate_table_version_id`,`factor_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `ref_states` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` char(2) NOT NULL,
  `name` varchar(64) NOT NULL,
  `timezone` varchar(64) NOT NULL,
  `country` char(2) NOT NULL,
  `surplus_lines` tinyint(1) NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `ref_states_state_uq` (`state`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `ref_naics_codes` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `naics_code` varchar(8) NOT NULL,
  `description` varchar(255) NULL,
  `parent_code` varchar(8) NULL,
  `hazard_grade` smallint NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `ref_naics_codes_naics_code_uq` (`naics_code`),
  KEY `ref_naics_codes_parent_code` (`parent_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `ref_vehicle_body_types` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `body_code` varchar(16) NOT NULL,
  `description` varchar(128) NULL,
  `vehicle_class` varchar(16) NOT NULL,
  `min_gvw_lbs` int NULL,
  `max_gvw_lbs` int NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `ref_vehicle_body_types_body_code_uq` (`body_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `ref_coverage_codes` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `coverage_code` varchar(32) NOT NULL,
  `name` varchar(128) NOT NULL,
  `kind` varchar(32) NOT NULL,
  `mandatory_states` json NULL,
  `statutory_line` varchar(32) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `ref_coverage_codes_coverage_code_uq` (`coverage_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `ref_cause_of_loss` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `cause_code` varchar(16) NOT NULL,
  `description` varchar(128) NULL,
  `kind` varchar(32) NOT NULL,
  `iso_code` varchar(16) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `ref_cause_of_loss_cause_code_uq` (`cause_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `ref_tax_rates` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` char(2) NOT NULL,
  `tax_code` varchar(32) NOT NULL,
  `rate` decimal(9,6) NOT NULL DEFAULT 0,
  `flat_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `includes_fees` tinyint(1) NOT NULL DEFAULT 0,
  `payee` varchar(128) NULL,
  `effective_date` date NOT NULL,
  `end_date` date NULL,
  `source_url` varchar(255) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  KEY `ref_tax_rates_state_tax_code_effective` (`state`,`tax_code`,`effective_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `ref_notice_rules` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` char(2) NOT NULL,
  `line_of_business` varchar(32) NOT NULL,
  `notice_kind` varchar(32) NOT NULL,
  `reason_code` varchar(32) NOT NULL,
  `min_policy_age_days` int NOT NULL DEFAULT 0,
  `notice_days` int NOT NULL,
  `mailing_days` int NOT NULL DEFAULT 0,
  `proof_required` tinyint(1) NOT NULL DEFAULT 0,
  `citation` varchar(128) NULL,
  `effective_date` date NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  KEY `ref_notice_rules_state_line_of_business_notice_kind_effective` (`state`,`line_of_business`,`notice_kind`,`effective_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `ref_holidays` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `holiday_date` date NOT NULL,
  `region` varchar(16) NOT NULL,
  `name` varchar(128) NOT NULL,
  `banking` tinyint(1) NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `ref_holidays_region_holiday_uq` (`region`,`holiday_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `cron_runs` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `job_key` varchar(64) NOT NULL,
  `schedule` varchar(32) NOT NULL,
  `scheduled_for` timestamp(3) NOT NULL,
  `started_at` timestamp(3) NULL,
  `finished_at` timestamp(3) NULL,
  `status` varchar(32) NOT NULL,
  `attempt` int NOT NULL DEFAULT 0,
  `host` varchar(64) NULL,
  `idempotency_key` varchar(128) NOT NULL,
  `orgs_total` int NOT NULL DEFAULT 0,
  `orgs_failed` int NOT NULL DEFAULT 0,
  `rows_processed` bigint NOT NULL DEFAULT 0,
  `rows_failed` bigint NOT NULL DEFAULT 0,
  `amount_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `error_code` varchar(64) NULL,
  `error_detail` text NULL,
  `metrics` json NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `cron_runs_idempotency_key_uq` (`idempotency_key`),
  KEY `cron_runs_job_key_scheduled_for` (`job_key`,`scheduled_for`),
  KEY `cron_runs_status_scheduled_for` (`status`,`scheduled_for`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `crm_integrations` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `provider` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `credentials_ref` varchar(128) NULL,
  `last_sync_at` timestamp(3) NULL,
  `last_error` varchar(255) NULL,
  `sync_cursor` varchar(255) NULL,
  `field_map` json NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `crm_integrations_org_provider_uq` (`org_id`,`provider`),
  KEY `crm_integrations_org_status_last_sync` (`org_id`,`status`,`last_sync_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
