CREATE TABLE organization (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  createdAt TEXT NOT NULL
);
CREATE TABLE member (
  id TEXT PRIMARY KEY,
  organizationId TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  userId TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  createdAt TEXT NOT NULL
);
CREATE UNIQUE INDEX member_organization_user ON member (organizationId, userId);
ALTER TABLE session ADD COLUMN activeOrganizationId TEXT;
