using static System.FormattableString;

namespace Llama2.Extensions.Loading;

/// <summary>Finds faults in the options of a model, before gigabytes of weights are read.</summary>
internal sealed class LlamaOptionsFaults(IServiceProvider services)
{
    /// <summary>Finds the faults, each a sentence that begins with the property.</summary>
    /// <param name="owner">The object that has the properties, such as <c>LlamaOptions 'llama'</c>.</param>
    /// <param name="options">The options.</param>
    /// <param name="isLoaded">Whether the model is loaded from <see cref="LlamaOptions.ModelPath"/>, so that there must be a model.</param>
    public IReadOnlyList<string> Find(string owner, LlamaOptions options, bool isLoaded)
    {
        List<string> failures = [];
        if (isLoaded && FindModelFault(options.ModelPath) is { } fault)
        {
            failures.Add($"{owner}.{nameof(LlamaOptions.ModelPath)} is {fault}");
        }

        if (isLoaded && options.DraftModel is { } draft && FindModelFault(draft) is { } draftFault)
        {
            failures.Add($"{owner}.{nameof(LlamaOptions.DraftModel)} is {draftFault}");
        }

        if (options.PromptFormat is { } format && LlamaOptions.FindPromptFormat(format) is null)
        {
            failures.Add($"{owner}.{nameof(LlamaOptions.PromptFormat)} is '{format}'; it must be one of {string.Join(", ", PromptFormat.Presets)}.");
        }

        failures.AddRange(FindAdapterFaults(options.Adapters).Select(adapterFault => $"{owner}.{nameof(LlamaOptions.Adapters)}{adapterFault}"));
        Try(options.ToModelOptions);
        Try(() => options.ToChatClientOptions(modelId: null, adapters: null));
        return failures;

        // The options are converted to records that check their own values and name the invalid property.
        void Try(Func<object> create)
        {
            try
            {
                create();
            }
            catch (ArgumentException exception)
            {
                failures.Add($"{owner}.{exception.ParamName}: {exception.Message}");
            }
        }
    }

    private IEnumerable<string> FindAdapterFaults(IDictionary<string, LlamaAdapterOptions> adapters)
    {
        foreach ((string name, LlamaAdapterOptions adapter) in adapters)
        {
            if (string.IsNullOrWhiteSpace(name) || name.Contains('=', StringComparison.Ordinal))
                yield return $"['{name}']: a name must not be empty, and must not contain an equals sign, which separates a name from a scale.";
            if (string.IsNullOrWhiteSpace(adapter.Path))
                yield return $"['{name}'].{nameof(LlamaAdapterOptions.Path)} is empty; it must name an adapter.";
            else if ((FindFault(adapter.Path) ?? FindContentFault(adapter.Path)) is { } fault)
                yield return $"['{name}'].{nameof(LlamaAdapterOptions.Path)} is '{adapter.Path}'; {fault}";
            // If the scale is NaN, the comparison is false, so NaN is refused.
            if (!(Math.Abs(adapter.Scale) <= LlamaAdapterUse.MaxScale))
                yield return Invariant($"['{name}'].{nameof(LlamaAdapterOptions.Scale)} is {adapter.Scale}; it must be from -{LlamaAdapterUse.MaxScale} to {LlamaAdapterUse.MaxScale}.");
        }

        int count = adapters.Values.Count(adapter => adapter.Scale != 0);
        if (count > LlamaAdapterUse.MaxCount)
            yield return Invariant($": {count} adapters have a scale that is not 0; at most {LlamaAdapterUse.MaxCount} can be used at once.");
    }

    // Only the tables of the adapter's file (metadata and tensors' shapes) are read here. Its weights are read, and compared with the model's, when
    // the model is loaded.
    private string? FindContentFault(string adapterPath)
    {
        try
        {
            AdapterInformation.Read(ModelFile.Find(adapterPath, services)!.Path);
            return null;
        }
        catch (Exception exception) when (exception is LlamaException or IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private string? FindModelFault(string path) =>
        string.IsNullOrWhiteSpace(path) ? "empty; it must name a model file."
        : FindFault(path) is { } fault ? $"'{path}'; {fault}"
        : null;

    private string? FindFault(string path)
    {
        try
        {
            return ModelFile.Find(path, services) is not null ? null
                : $"there is no such file or folder (absolute path: '{Path.GetFullPath(path)}')"
                    + (LlamaModelReference.TryParse(path, out _) ? $", and no pulled model of that name; pull it with {nameof(ILlamaModelStore)}.{nameof(ILlamaModelStore.PullAsync)} or 'llama2 pull {path}'." : ".");
        }
        catch (ModelStoreException exception)
        {
            return exception.Message;
        }
    }
}
