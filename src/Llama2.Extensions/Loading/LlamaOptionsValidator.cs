using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Loading;

/// <summary>Checks options early, before gigabytes of weights are read.</summary>
internal sealed class LlamaOptionsValidator(IServiceProvider services, ModelRegistrations registrations) : IValidateOptions<LlamaOptions>
{
    public ValidateOptionsResult Validate(string? name, LlamaOptions options)
    {
        string owner = string.IsNullOrEmpty(name) ? nameof(LlamaOptions) : $"{nameof(LlamaOptions)} '{name}'";
        IReadOnlyList<string> failures = new LlamaOptionsFaults(services).Find(owner, options, registrations.IsLoaded(name ?? ""));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
