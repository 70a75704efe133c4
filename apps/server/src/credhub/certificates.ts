/** Handles `/api/v1/certificates` (docs/reference/credhub-server.md#certificates-endpoints). */
import type { CredhubRoutes, TreeHandlers } from '@credplex/contract';
import { type Certificates, type JsonNode, JsonObject } from '@credplex/core';
import { type CredhubContext, touched } from './context.ts';
import { certificatesJson, credentialJson, credentialsJson } from './view.ts';

type CertificateRoute =
  | 'listCertificates'
  | 'getCertificateVersions'
  | 'createCertificateVersion'
  | 'deleteCertificateVersion'
  | 'regenerateCertificate'
  | 'updateTransitionalVersion';
type Handlers = Pick<TreeHandlers<CredhubRoutes, CredhubContext, JsonNode>, CertificateRoute>;

function field(body: JsonNode | undefined, key: string): JsonNode {
  return (body instanceof JsonObject ? body.entries.get(key) : undefined) ?? null;
}

export function certificateHandlers({ certificates }: { certificates: Certificates }): Handlers {
  return {
    async listCertificates({ query, context }) {
      context.trace.action = query.name === undefined ? 'GET_ALL_CERTIFICATES' : 'GET_CERTIFICATE';
      context.trace.details = query.name === undefined ? null : { name: query.name };
      const listed = await certificates.list(context.caller(), query.name);
      context.trace.resources = listed.map(({ name, credentialId }) => ({ name, credentialId, versionId: null }));
      return { status: 200, json: certificatesJson(listed) };
    },

    async getCertificateVersions({ params, query, context }) {
      const views = await certificates.versions(context.caller(), params.id, query.current === true);
      context.trace.resources = views.map(touched);
      return { status: 200, json: credentialsJson(views, context.openReservation) };
    },

    async createCertificateVersion({ params, body, context }) {
      const view = await certificates.createVersion(context.caller(), params.id, body);
      context.trace.resources = [touched(view)];
      return { status: 200, json: credentialJson(view, context.openReservation) };
    },

    async deleteCertificateVersion({ params, context }) {
      const view = await certificates.deleteVersion(context.caller(), params.id, params.version_id);
      context.trace.resources = [touched(view)];
      return { status: 200, json: credentialJson(view, context.openReservation) };
    },

    async regenerateCertificate({ params, body, context }) {
      context.trace.action = 'REGENERATE_CERTIFICATE';
      context.trace.details = { transitional: field(body, 'set_as_transitional') === true };
      const view = await certificates.regenerate(context.caller(), params.id, body);
      context.trace.resources = [touched(view)];
      return { status: 200, json: credentialJson(view, context.openReservation) };
    },

    async updateTransitionalVersion({ params, body, context }) {
      const version = field(body, 'version');
      context.trace.action = 'UPDATE_TRANSITIONAL_VERSION';
      context.trace.details = { version: typeof version === 'string' ? version : null };
      const views = await certificates.updateTransitionalVersion(context.caller(), params.id, body);
      context.trace.resources = views.map(touched);
      return { status: 200, json: credentialsJson(views, context.openReservation) };
    },
  };
}
