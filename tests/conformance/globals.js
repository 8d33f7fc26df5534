// The engine's XPath parser asks for the folder it lies in when it finds itself under Node.
globalThis.__dirname = import.meta.dirname;
