namespace Llama2.Server.Security;

/// <summary>Marks an endpoint that answers without an API key and is not limited, such as health checks and the files of the page.</summary>
internal sealed class OpenEndpoint
{
    private OpenEndpoint()
    {
    }

    public static OpenEndpoint Instance { get; } = new();
}
