namespace Llama2.Store;

/// <summary>
/// The environment variables that configure the store. If Hugging Face's tools have a variable for the same purpose, the same variable is used. An
/// empty variable is treated as if it were not set.
/// </summary>
internal static class StoreEnvironment
{
    private const string EndpointVariable = "HF_ENDPOINT";
    private const string TokenVariable = "HF_TOKEN";
    private const string HomeVariable = "LLAMA2_HOME";
    private const string FolderName = "models";

    /// <summary>The path of the store's folder.</summary>
    /// <exception cref="ModelStoreException">The user has no home folder.</exception>
    public static string Folder()
    {
        if (Variable(HomeVariable) is { } home)
            return Path.Combine(home, FolderName);

        string data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0
            ? Path.Combine(data, "llama2", FolderName)
            : throw new ModelStoreException($"There is no folder for models, because this user has no home folder; set the environment variable {HomeVariable} to a folder.");
    }

    /// <summary>The address of the hub.</summary>
    /// <exception cref="ArgumentException">The variable is not a valid address of a hub.</exception>
    public static Uri Endpoint()
    {
        string text = Variable(EndpointVariable) ?? LlamaModelStoreOptions.DefaultEndpoint;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            ? LlamaModelStoreOptions.CheckEndpoint(uri, EndpointVariable)
            : throw new ArgumentException($"{EndpointVariable} is '{text}', which is not a URL; give an absolute one, such as https://hub.example.", EndpointVariable);
    }

    /// <summary>The user's token, or null.</summary>
    /// <exception cref="ArgumentException">The variable is not a valid token.</exception>
    public static string? Token() => Variable(TokenVariable)?.Trim() is { Length: > 0 } token ? LlamaModelStoreOptions.CheckToken(token, TokenVariable) : null;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
}
