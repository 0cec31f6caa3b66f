CREATE TABLE IF NOT EXISTS `submissions` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_number` varchar(40) NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `producer_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `producer_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `insured_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `insured_name` varchar(255) NOT NULL,
  `insured_name_norm` varchar(255) NOT NULL,
  `motor_carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `usdot_number` varchar(12) NULL,
  `line_of_business` varchar(32) NOT NULL,
  `state` char(2) NOT NULL,
  `status` varchar(32) NOT NULL,
  `channel` varchar(32) NOT NULL,
  `priority` varchar(32) NOT NULL,
  `requested_effective_date` date NULL,
  `received_at` timestamp(3) NOT NULL,
  `assigned_underwriter_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `assigned_at` timestamp(3) NULL,
  `triage_score` int NULL,
  `referral_reason` varchar(255) NULL,
  `decline_reason` varchar(255) NULL,
  `target_premium_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `vehicle_count` int NOT NULL DEFAULT 0,
  `driver_count` int NOT NULL DEFAULT 0,
  `bound_policy_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `closed_at` timestamp(3) NULL,
  `lock_version` int NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `submissions_org_submission_number_uq` (`org_id`,`submission_number`),
  KEY `submissions_org_status_received` (`org_id`,`status`,`received_at`),
  KEY `submissions_org_assigned_underwriter_status` (`org_id`,`assigned_underwriter_id`,`status`),
  KEY `submissions_org_producer_status` (`org_id`,`producer_id`,`status`),
  KEY `submissions_org_insured_name` (`org_id`,`insured_name_norm`),
  KEY `submissions_org_usdot_number` (`org_id`,`usdot_number`),
  KEY `submissions_org_requested_effective` (`org_id`,`requested_effective_date`),
  KEY `submissions_org_bound_policy` (`org_id`,`bound_policy_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `submission_documents` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `document_type` varchar(64) NOT NULL,
  `title` varchar(255) NOT NULL,
  `storage_key` varchar(255) NOT NULL,
  `sha256` char(64) NOT NULL,
  `extraction_status` varchar(32) NOT NULL,
  `extracted_json` json NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `submission_documents_org_submission_document_type` (`org_id`,`submission_id`,`document_type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `submission_notes` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `author_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `body` text NULL,
  `visibility` varchar(32) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `submission_notes_org_submission_created` (`org_id`,`submission_id`,`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `submission_events` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `seq` int NOT NULL,
  `event_type` varchar(64) NOT NULL,
  `from_status` varchar(32) NULL,
  `to_status` varchar(32) NULL,
  `actor_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `occurred_at` timestamp(3) NOT NULL,
  `payload` json NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `submission_events_org_submission_seq_uq` (`org_id`,`submission_id`,`seq`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `submission_assignments` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `underwriter_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `assigned_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `assigned_at` timestamp(3) NOT NULL,
  `released_at` timestamp(3) NULL,
  `reason` varchar(128) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `submission_assignments_org_submission_assigned` (`org_id`,`submission_id`,`assigned_at`),
  KEY `submission_assignments_org_underwriter_user_released` (`org_id`,`underwriter_user_id`,`released_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `submission_referrals` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `referral_type` varchar(32) NOT NULL,
  `trigger_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `status` varchar(32) NOT NULL,
  `referred_to` varchar(255) NULL,
  `referred_at` timestamp(3) NOT NULL,
  `decided_at` timestamp(3) NULL,
  `decision` varchar(32) NULL,
  `decision_note` text NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `submission_referrals_org_submission` (`org_id`,`submission_id`),
  KEY `submission_referrals_org_status_referred` (`org_id`,`status`,`referred_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `submission_info_requests` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `requested_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `item` varchar(255) NOT NULL,
  `due_date` date NULL,
  `status` varchar(32) NOT NULL,
  `answered_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `submission_info_requests_org_submission_status` (`org_id`,`submission_id`,`status`),
  KEY `submission_info_requests_org_status_due` (`org_id`,`status`,`due_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `submission_risk_answers` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `question_key` varchar(96) NOT NULL,
  `answer` json NULL,
  `source` varchar(32) NULL,
  `confidence` decimal(9,6) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `submission_risk_answers_org_submission_question_key_uq` (`org_id`,`submission_id`,`question_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `quotes` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `quote_number` varchar(40) NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version_no` int NOT NULL,
  `status` varchar(32) NOT NULL,
  `program_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `producer_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `plan_code` varchar(32) NOT NULL,
  `rate_table_version_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `effective_date` date NOT NULL,
  `expiration_date` date NOT NULL,
  `annual_premium_cents` bigint NOT NULL DEFAULT 0,
  `fees_cents` bigint NOT NULL DEFAULT 0,
  `taxes_cents` bigint NOT NULL DEFAULT 0,
  `total_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `producer_commission_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `mga_commission_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `valid_until` date NULL,
  `rated_at` timestamp(3) NULL,
  `released_at` timestamp(3) NULL,
  `accepted_at` timestamp(3) NULL,
  `bound_at` timestamp(3) NULL,
  `bound_policy_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `rating_hash` char(64) NULL,
  `da_check_status` varchar(32) NULL,
  `da_check_detail` json NULL,
  `underwriter_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `decline_reason` varchar(255) NULL,
  `superseded_by_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `lock_version` int NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `quotes_org_quote_number_version_no_uq` (`org_id`,`quote_number`,`version_no`),
  KEY `quotes_org_submission_version_no` (`org_id`,`submission_id`,`version_no`),
  KEY `quotes_org_status_valid_until` (`org_id`,`status`,`valid_until`),
  KEY `quotes_org_producer_status` (`org_id`,`producer_id`,`status`),
  KEY `quotes_org_bound_policy` (`org_id`,`bound_policy_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `quote_versions` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `quote_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version_no` int NOT NULL,
  `input_json` json NULL,
  `output_json` json NULL,
  `engine_version` varchar(32) NOT NULL,
  `input_sha256` char(64) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `quote_versions_org_quote_version_no_uq` (`org_id`,`quote_id`,`version_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `quote_coverages` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `quote_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `coverage_code` varchar(32) NOT NULL,
  `limit_cents` bigint NOT NULL DEFAULT 0,
  `deductible_cents` bigint NOT NULL DEFAULT 0,
  `annual_premium_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `selected` tinyint(1) NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `quote_coverages_org_quote_coverage_code` (`org_id`,`quote_id`,`coverage_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `quote_vehicles` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `quote_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `unit_no` int NOT NULL,
  `vin` char(17) NULL,
  `model_year` smallint NULL,
  `make` varchar(64) NULL,
  `model` varchar(64) NULL,
  `stated_value_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `premium_cents` bigint NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `quote_vehicles_org_quote_unit_no_uq` (`org_id`,`quote_id`,`unit_no`),
  KEY `quote_vehicles_org_vin` (`org_id`,`vin`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `quote_drivers` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `quote_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `full_name` varchar(255) NOT NULL,
  `license_hash` char(64) NULL,
  `license_state` char(2) NULL,
  `mvr_report_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `points` int NOT NULL DEFAULT 0,
  `surcharge_rate` decimal(9,6) NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `quote_drivers_org_quote` (`org_id`,`quote_id`),
  KEY `quote_drivers_org_license_hash` (`org_id`,`license_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `quote_rating_steps` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `quote_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version_no` int NOT NULL,
  `step_no` int NOT NULL,
  `step_key` varchar(96) NOT NULL,
  `factor` decimal(12,10) NOT NULL,
  `amount_before_cents` bigint NOT NULL DEFAULT 0,
  `amount_after_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `source_table` varchar(64) NULL,
  `override_reason` varchar(255) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `quote_rating_steps_org_quote_version_no_step_no_uq` (`org_id`,`quote_id`,`version_no`,`step_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `quote_subjectivities` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `quote_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `description` varchar(255) NULL,
  `due_date` date NULL,
  `status` varchar(32) NOT NULL,
  `cleared_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `cleared_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `quote_subjectivities_org_quote_status` (`org_id`,`quote_id`,`status`),
  KEY `quote_subjectivities_org_status_due` (`org_id`,`status`,`due_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `binders` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `quote_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `binder_number` varchar(40) NOT NULL,
  `effective_at` timestamp(3) NOT NULL,
  `expires_at` timestamp(3) NOT NULL,
  `status` varchar(32) NOT NULL,
  `document_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `binders_org_binder_number_uq` (`org_id`,`binder_number`),
  KEY `binders_org_expires_status` (`org_id`,`expires_at`,`status`),
  KEY `binders_org_quote` (`org_id`,`quote_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `motor_carriers` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `insured_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `legal_name` varchar(255) NOT NULL,
  `dba_name` varchar(255) NULL,
  `name_norm` varchar(255) NOT NULL,
  `usdot_number` varchar(12) NOT NULL,
  `mc_number` varchar(16) NULL,
  `primary_state` char(2) NULL,
  `carrier_type` varchar(32) NULL,
  `operating_authority` varchar(32) NULL,
  `authority_status` varchar(32) NULL,
  `total_power_units` int NOT NULL DEFAULT 0,
  `total_drivers` int NOT NULL DEFAULT 0,
  `operations` json NULL,
  `cargo_carried` json NULL,
  `safety_rating` varchar(32) NULL,
  `csa_score` int NULL,
  `name_mismatch` tinyint(1) NOT NULL DEFAULT 0,
  `chameleon_flag` tinyint(1) NOT NULL DEFAULT 0,
  `latest_snapshot_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `last_checked_at` timestamp(3) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `motor_carriers_org_usdot_number_uq` (`org_id`,`usdot_number`),
  KEY `motor_carriers_org_mc_number` (`org_id`,`mc_number`),
  KEY `motor_carriers_org_name` (`org_id`,`name_norm`),
  KEY `motor_carriers_org_authority_status_last_checked` (`org_id`,`authority_status`,`last_checked_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `motor_carrier_authorities` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `motor_carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `authority_type` varchar(32) NOT NULL,
  `docket_number` varchar(16) NULL,
  `status` varchar(32) NOT NULL,
  `granted_at` timestamp(3) NULL,
  `revoked_at` timestamp(3) NULL,
  `reason` varchar(128) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `motor_carrier_authorities_org_motor_carrier_status` (`org_id`,`motor_carrier_id`,`status`),
  KEY `motor_carrier_authorities_org_docket_number` (`org_id`,`docket_number`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `motor_carrier_permits` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `motor_carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` char(2) NOT NULL,
  `permit_number` varchar(64) NOT NULL,
  `status` varchar(32) NOT NULL,
  `issued_date` date NULL,
  `expiration_date` date NULL,
  `document_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `motor_carrier_permits_org_motor_carrier_state` (`org_id`,`motor_carrier_id`,`state`),
  KEY `motor_carrier_permits_org_expiration_status` (`org_id`,`expiration_date`,`status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `fmcsa_snapshots` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `motor_carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `usdot_number` varchar(12) NOT NULL,
  `fetched_at` timestamp(3) NOT NULL,
  `payload` json NULL,
  `payload_sha256` char(64) NOT NULL,
  `authority_status` varchar(32) NULL,
  `power_units` int NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `fmcsa_snapshots_org_motor_carrier_fetched` (`org_id`,`motor_carrier_id`,`fetched_at`),
  KEY `fmcsa_snapshots_org_usdot_number_fetched` (`org_id`,`usdot_number`,`fetched_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `fmcsa_basic_scores` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `snapshot_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `motor_carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `category` varchar(32) NOT NULL,
  `percentile` decimal(9,6) NULL,
  `threshold` decimal(9,6) NULL,
  `alert` tinyint(1) NOT NULL DEFAULT 0,
  `measured_on` date NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `fmcsa_basic_scores_org_motor_carrier_category_measured_on` (`org_id`,`motor_carrier_id`,`category`,`measured_on`),
  KEY `fmcsa_basic_scores_org_snapshot` (`org_id`,`snapshot_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `fmcsa_inspections` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `motor_carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `inspection_number` varchar(32) NOT NULL,
  `inspected_on` date NOT NULL,
  `state` char(2) NULL,
  `level` smallint NULL,
  `violations` int NOT NULL DEFAULT 0,
  `oos_count` int NOT NULL DEFAULT 0,
  `vin` char(17) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `fmcsa_inspections_org_motor_carrier_inspection_number_uq` (`org_id`,`motor_carrier_id`,`inspection_number`),
  KEY `fmcsa_inspections_org_inspected_on` (`org_id`,`inspected_on`),
  KEY `fmcsa_inspections_org_vin` (`org_id`,`vin`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `fmcsa_crashes` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `motor_carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `report_number` varchar(32) NOT NULL,
  `crash_date` date NOT NULL,
  `state` char(2) NULL,
  `fatalities` int NOT NULL DEFAULT 0,
  `injuries` int NOT NULL DEFAULT 0,
  `tow_away` tinyint(1) NOT NULL DEFAULT 0,
  `preventable` varchar(32) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `fmcsa_crashes_org_motor_carrier_report_number_uq` (`org_id`,`motor_carrier_id`,`report_number`),
  KEY `fmcsa_crashes_org_crash` (`org_id`,`crash_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `mvr_orders` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `driver_name` varchar(255) NOT NULL,
  `license_hash` char(64) NOT NULL,
  `license_state` char(2) NOT NULL,
  `vendor` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `ordered_at` timestamp(3) NOT NULL,
  `returned_at` timestamp(3) NULL,
  `cost_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `mvr_orders_org_submission` (`org_id`,`submission_id`),
  KEY `mvr_orders_org_license_hash_ordered` (`org_id`,`license_hash`,`ordered_at`),
  KEY `mvr_orders_org_status_ordered` (`org_id`,`status`,`ordered_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `mvr_reports` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `mvr_order_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `license_hash` char(64) NOT NULL,
  `license_state` char(2) NOT NULL,
  `report_date` date NOT NULL,
  `license_status` varchar(32) NOT NULL,
  `points` int NOT NULL DEFAULT 0,
  `valid_until` date NULL,
  `payload_enc` mediumblob NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `mvr_reports_org_mvr_order` (`org_id`,`mvr_order_id`),
  KEY `mvr_reports_org_license_hash_report` (`org_id`,`license_hash`,`report_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `mvr_violations` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `mvr_report_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `violation_date` date NOT NULL,
  `conviction_date` date NULL,
  `code` varchar(16) NOT NULL,
  `description` varchar(255) NULL,
  `points` int NOT NULL DEFAULT 0,
  `severity` varchar(32) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `mvr_violations_org_mvr_report_violation` (`org_id`,`mvr_report_id`,`violation_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `loss_runs` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `prior_carrier` varchar(255) NOT NULL,
  `policy_period_start` date NOT NULL,
  `policy_period_end` date NOT NULL,
  `valued_date` date NOT NULL,
  `total_incurred_cents` bigint NOT NULL DEFAULT 0,
  `claim_count` int NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `document_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `loss_runs_org_submission_policy_period_start` (`org_id`,`submission_id`,`policy_period_start`),
  KEY `loss_runs_org_valued` (`org_id`,`valued_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `loss_run_claims` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `loss_run_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `date_of_loss` date NOT NULL,
  `claim_ref` varchar(64) NULL,
  `description` varchar(255) NULL,
  `paid_cents` bigint NOT NULL DEFAULT 0,
  `reserved_cents` bigint NOT NULL DEFAULT 0,
  `currency` char(3) NOT NULL,
  `status` varchar(32) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `loss_run_claims_org_loss_run_date_of_loss` (`org_id`,`loss_run_id`,`date_of_loss`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `vin_decodes` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `vin` char(17) NOT NULL,
  `model_year` smallint NULL,
  `make` varchar(64) NULL,
  `model` varchar(64) NULL,
  `body_class` varchar(64) NULL,
  `gvwr_class` varchar(32) NULL,
  `decoded_at` timestamp(3) NOT NULL,
  `error_text` varchar(255) NULL,
  `payload` json NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `vin_decodes_org_vin_uq` (`org_id`,`vin`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `telematics_connections` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `motor_carrier_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `provider` varchar(32) NOT NULL,
  `status` varchar(32) NOT NULL,
  `consented_at` timestamp(3) NULL,
  `last_event_at` timestamp(3) NULL,
  `credentials_ref` varchar(128) NULL,
  `vehicle_count` int NOT NULL DEFAULT 0,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `telematics_connections_org_motor_carrier_provider` (`org_id`,`motor_carrier_id`,`provider`),
  KEY `telematics_connections_org_status_last_event` (`org_id`,`status`,`last_event_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `sanctions_screenings` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_type` varchar(32) NOT NULL,
  `subject_name` varchar(255) NOT NULL,
  `name_norm` varchar(255) NOT NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `claim_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `screened_at` timestamp(3) NOT NULL,
  `result` varchar(32) NOT NULL,
  `match_score` decimal(9,6) NULL,
  `list_version` varchar(32) NOT NULL,
  `cleared_by_user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `sanctions_screenings_org_submission` (`org_id`,`submission_id`),
  KEY `sanctions_screenings_org_claim` (`org_id`,`claim_id`),
  KEY `sanctions_screenings_org_result_screened` (`org_id`,`result`,`screened_at`),
  KEY `sanctions_screenings_org_name` (`org_id`,`name_norm`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `inbound_messages` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `mailbox` varchar(128) NOT NULL,
  `message_id` varchar(255) NOT NULL,
  `from_address` varchar(255) NOT NULL,
  `subject` varchar(255) NULL,
  `received_at` timestamp(3) NOT NULL,
  `status` varchar(32) NOT NULL,
  `classified_as` varchar(32) NULL,
  `submission_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `claim_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `error_text` varchar(255) NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  UNIQUE KEY `inbound_messages_org_message_uq` (`org_id`,`message_id`),
  KEY `inbound_messages_org_status_received` (`org_id`,`status`,`received_at`),
  KEY `inbound_messages_org_submission` (`org_id`,`submission_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `inbound_attachments` (
  `id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `org_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `message_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `file_name` varchar(255) NOT NULL,
  `content_type` varchar(128) NOT NULL,
  `size_bytes` bigint NOT NULL DEFAULT 0,
  `sha256` char(64) NOT NULL,
  `storage_key` varchar(255) NOT NULL,
  `extraction_status` varchar(32) NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`org_id`,`id`),
  KEY `inbound_attachments_org_message` (`org_id`,`message_id`),
  KEY `inbound_attachments_org_sha256` (`org_id`,`sha256`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
