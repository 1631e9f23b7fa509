using Llama2.Architectures;

namespace Llama2.Training;

/// <summary>PEFT's names of the modules that adapters change, such as <c>q_proj</c>. Immutable and thread-safe.</summary>
public static class PeftModules
{
    // Initialized first, because the others are computed from it.
    private static readonly TensorRole[] s_roles = [.. ModelArchitecture.All.SelectMany(architecture => architecture.Tensors.Roles)];

    /// <summary>The matrices of each layer that may get adapters, by name.</summary>
    public static IReadOnlyDictionary<string, LoraTargets> Targets { get; } = NamesOf<LoraTargets>(role => role.ModuleName);

    /// <summary>
    /// The tensors that may be trained as a whole, by name. As in PEFT's <c>modules_to_save</c>, a name means all modules whose names end with it, so
    /// <c>norm</c> means all norms; <c>model.norm</c> is the last one.
    /// </summary>
    public static IReadOnlyDictionary<string, SavedModules> Saved { get; } = WithEndings(NamesOf<SavedModules>(NameOf));

    /// <summary>The names of modules, separated by commas, each of which means one kind of tensor.</summary>
    internal static string TextOf(SavedModules modules)
        => string.Join(", ", s_roles.Where(role => Enum.TryParse(role.Id, out SavedModules module) && modules.HasFlag(module)).Select(NameOf).Distinct());

    /// <summary>The shortest end of a module's name that is not also the end of another module's name.</summary>
    internal static string? NameOf(TensorRole role) => role.ModuleName is { } name && IsEndOfOther(name)
        ? string.Join('.', role.NameIn(NameSpace.HuggingFace)!.Split('.')[^3..^1])
        : role.ModuleName;

    private static bool IsEndOfOther(string name) => s_roles.Any(other => other.ModuleName is { } longer && longer != name && longer.EndsWith(name, StringComparison.Ordinal));

    private static OrderedDictionary<string, SavedModules> WithEndings(OrderedDictionary<string, SavedModules> names)
    {
        foreach (string end in s_roles.Select(role => role.ModuleName).OfType<string>().Where(IsEndOfOther).Distinct())
        {
            names.Add(end, names.Where(name => name.Key.EndsWith(end, StringComparison.Ordinal)).Aggregate(SavedModules.None, (all, name) => all | name.Value));
        }

        return names;
    }

    // The members of the enumerations have the ids of the tensors' roles.
    private static OrderedDictionary<string, T> NamesOf<T>(Func<TensorRole, string?> nameOf)
        where T : struct, Enum
    {
        var names = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (TensorRole role in s_roles)
        {
            if (nameOf(role) is { } name && Enum.TryParse(role.Id, out T member))
            {
                names[name] = member;
            }
        }

        return names;
    }
}
