using Microsoft.Extensions.Options;

namespace Llama2.Extensions;

/// <summary>Says what is wrong with options before gigabytes are read.</summary>
internal sealed class LlamaOptionsValidator : IValidateOptions<LlamaOptions>
{
    public ValidateOptionsResult Validate(string? name, LlamaOptions options)
    {
        List<string> failures = [];
        if (string.IsNullOrWhiteSpace(options.ModelPath))
        {
            failures.Add($"{nameof(LlamaOptions)}.{nameof(LlamaOptions.ModelPath)} is empty; it must name a model file.");
        }
        else if (!File.Exists(options.ModelPath))
        {
            failures.Add(
                $"{nameof(LlamaOptions)}.{nameof(LlamaOptions.ModelPath)} is '{options.ModelPath}'; "
                + $"there is no such file, looked for at '{Path.GetFullPath(options.ModelPath)}'.");
        }

        if (options.Model is null)
        {
            failures.Add($"{nameof(LlamaOptions)}.{nameof(LlamaOptions.Model)} is null; leave it out for the defaults.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
