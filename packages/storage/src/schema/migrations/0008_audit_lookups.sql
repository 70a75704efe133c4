-- Look-ups of audit rows by actor, by name and by time. On a large table the indexes take a while: the first start of
-- this release waits for them.

DROP INDEX "audit_event_at";
CREATE INDEX "audit_event_actor" ON "audit_event" USING btree (hashtext("actor"),"id");
CREATE INDEX "audit_event_resource" ON "audit_event" USING btree (hashtext("resource"),"id");
CREATE INDEX "audit_event_at" ON "audit_event" USING btree ("at");
