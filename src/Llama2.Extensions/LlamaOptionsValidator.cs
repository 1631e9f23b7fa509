using Microsoft.Extensions.Options;

namespace Llama2.Extensions;

/// <summary>Says what is wrong with options before gigabytes are read.</summary>
internal sealed class LlamaOptionsValidator(IServiceProvider services) : IValidateOptions<LlamaOptions>
{
    public ValidateOptionsResult Validate(string? name, LlamaOptions options)
    {
        string owner = string.IsNullOrEmpty(name) ? nameof(LlamaOptions) : $"{nameof(LlamaOptions)} '{name}'";
        List<string> failures = [];
        if (string.IsNullOrWhiteSpace(options.ModelPath))
        {
            failures.Add($"{owner}.{nameof(LlamaOptions.ModelPath)} is empty; it must name a model file.");
        }
        else if (FindModelFault(options.ModelPath) is { } fault)
        {
            failures.Add($"{owner}.{nameof(LlamaOptions.ModelPath)} is '{options.ModelPath}'; {fault}");
        }

        if (options.PromptFormat is { } format && LlamaOptions.FindPromptFormat(format) is null)
        {
            failures.Add($"{owner}.{nameof(LlamaOptions.PromptFormat)} is '{format}'; it must be one of {string.Join(", ", PromptFormat.Presets)}.");
        }

        Try(options.ToModelOptions);
        Try(() => options.ToChatClientOptions(modelId: null));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        // The records that the options become check their own values, and name the property at fault.
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

    private string? FindModelFault(string modelPath)
    {
        try
        {
            return ModelFile.Find(modelPath, services) is not null ? null
                : $"there is no such file, looked for at '{Path.GetFullPath(modelPath)}'"
                    + (LlamaModelReference.TryParse(modelPath, out _) ? $", and no pulled model of that name; pull it with {nameof(ILlamaModelStore)}.{nameof(ILlamaModelStore.PullAsync)} or 'llama2 pull {modelPath}'." : ".");
        }
        catch (ModelStoreException exception)
        {
            return exception.Message;
        }
    }
}
