-- d1_retention deletes drafts older than 180 days by this index.
CREATE INDEX submission_forms_drafts ON submission_forms (updated_at) WHERE status = 'draft';
