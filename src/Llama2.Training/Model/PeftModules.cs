using Llama2.Architectures;

namespace Llama2.Training;

/// <summary>PEFT's names of the modules that adapters change, such as <c>q_proj</c>. Immutable and thread-safe.</summary>
public static class PeftModules
{
    /// <summary>The matrices of each layer that may get adapters, by name.</summary>
    public static IReadOnlyDictionary<string, LoraTargets> Targets { get; } = NamesOf<LoraTargets>();

    /// <summary>The matrices that may be trained as a whole, by name.</summary>
    public static IReadOnlyDictionary<string, SavedModules> Saved { get; } = NamesOf<SavedModules>();

    // The members of the enumerations have the ids of the tensors' roles.
    private static OrderedDictionary<string, T> NamesOf<T>()
        where T : struct, Enum
    {
        var names = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (TensorRole role in ModelArchitecture.All.SelectMany(architecture => architecture.Tensors.Roles))
        {
            if (role.ModuleName is { } name && Enum.TryParse(role.Id, out T member))
            {
                names[name] = member;
            }
        }

        return names;
    }
}
