namespace Llama2.Server.Errors;

/// <summary>OpenAI's types of errors.</summary>
internal static class ErrorTypes
{
    public const string InvalidRequest = "invalid_request_error";
    public const string Requests = "requests";
    public const string Server = "server_error";
}
