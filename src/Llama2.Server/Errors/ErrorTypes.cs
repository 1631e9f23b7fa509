namespace Llama2.Server.Errors;

/// <summary>OpenAI's types of errors.</summary>
internal static class ErrorTypes
{
    public const string InvalidRequest = "invalid_request_error";
    // Of the budgets of a client, there is also the type tokens.
    public const string Requests = "requests";
    public const string Server = "server_error";
}
