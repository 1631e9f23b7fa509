namespace Llama2.Server;

/// <summary>The names of the authentication by API keys.</summary>
public static class LlamaApiKeyDefaults
{
    /// <summary>The name of the authentication scheme that <c>AddLlamaApiKeys</c> adds. It is also the authentication type of the users.</summary>
    public const string AuthenticationScheme = "LlamaApiKey";
}
