using Llama2.Extensions.Loading;
using Microsoft.Extensions.Options;
using static System.FormattableString;

namespace Llama2.Extensions.Routing;

/// <summary>Checks the options of a router and of all its models, before any model is loaded.</summary>
internal sealed class LlamaRouterOptionsValidator(IServiceProvider services) : IValidateOptions<LlamaRouterOptions>
{
    private const string Owner = nameof(LlamaRouterOptions);

    public ValidateOptionsResult Validate(string? name, LlamaRouterOptions options)
    {
        string[] failures = [.. FindModelFaults(options), .. FindAliasFaults(options), .. FindNumberFaults(options)];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> FindModelFaults(LlamaRouterOptions options)
    {
        if (options.Models.Count == 0)
            yield return $"{Owner}.{nameof(options.Models)} is empty; it must have one model or more.";
        var faults = new LlamaOptionsFaults(services);
        foreach ((string name, LlamaOptions model) in options.Models)
        {
            string owner = $"{Owner}.{nameof(options.Models)}['{name}']";
            if (string.IsNullOrWhiteSpace(name))
                yield return $"{owner}: the name of a model must not be empty.";
            foreach (string fault in faults.Find(owner, model, isLoaded: true))
                yield return fault;
        }
    }

    private static IEnumerable<string> FindAliasFaults(LlamaRouterOptions options)
    {
        // The known names include those of models with an adapter, such as model:adapter.
        var known = new HashSet<string>(options.Models.SelectMany(model => model.Value.Adapters.Keys.Select(adapter => ModelRoute.NameOf(model.Key, adapter)).Prepend(model.Key)), StringComparer.OrdinalIgnoreCase);
        foreach ((string alias, string name) in options.Aliases)
        {
            if (string.IsNullOrWhiteSpace(alias) || known.Contains(alias))
                yield return $"{Owner}.{nameof(options.Aliases)}['{alias}']: an alias must not be empty, and must not be the name of a model.";
            if (!known.Contains(name))
                yield return $"{Owner}.{nameof(options.Aliases)}['{alias}'] is '{name}'; it must be one of {string.Join(", ", known)}.";
        }

        foreach (string name in options.LoadOnStart.Where(name => !known.Contains(name) && !options.Aliases.ContainsKey(name)))
            yield return $"{Owner}.{nameof(options.LoadOnStart)} has '{name}'; it must be a model or an alias: {string.Join(", ", known.Concat(options.Aliases.Keys))}.";
        if (options.DefaultModel is { } chosen && !known.Contains(chosen) && !options.Aliases.ContainsKey(chosen))
            yield return $"{Owner}.{nameof(options.DefaultModel)} is '{chosen}'; it must be a model or an alias: {string.Join(", ", known.Concat(options.Aliases.Keys))}.";
    }

    private static IEnumerable<string> FindNumberFaults(LlamaRouterOptions options)
    {
        if (options.MemoryByteSize is < RouterRanges.MinMemoryByteSize)
            yield return Invariant($"{Owner}.{nameof(options.MemoryByteSize)} is {options.MemoryByteSize}; it must be {RouterRanges.MinMemoryByteSize:N0} bytes (1 MiB) or more.");
        if (!RouterRanges.AllowsContextCount(options.ContextCount))
            yield return Invariant($"{Owner}.{nameof(options.ContextCount)} is {options.ContextCount}; it must be {RouterRanges.ContextCounts}.");
        if (options.IdleTime is { } idle && !RouterRanges.AllowsTime(idle))
            yield return Invariant($"{Owner}.{nameof(options.IdleTime)} is {idle}; it must be {RouterRanges.Times}.");
        if (!RouterRanges.AllowsTime(options.RoomTimeout))
            yield return Invariant($"{Owner}.{nameof(options.RoomTimeout)} is {options.RoomTimeout}; it must be {RouterRanges.Times}.");
    }
}
