namespace Llama2.Server.Responses;

/// <summary>The answer of <c>DELETE /v1/responses/{id}</c>.</summary>
internal sealed record DeletedResponse(string Id, string Object = "response", bool Deleted = true);
