namespace Llama2.Formats.PyTorch;

/// <summary>Finds the dictionary of tensors in a file of a training program: the model's state, alone or next to the state of the training.</summary>
internal static class StateDictionary
{
    private const int MaxDepth = 4;

    // Lightning, Fairseq and others; DeepSpeed; torchtune.
    private static readonly string[] s_names = ["state_dict", "model_state_dict", "model", "module"];

    /// <summary>The value itself if it has tensors, or else the one dictionary in it that has a usual name.</summary>
    /// <param name="value">What the pickle stands for.</param>
    /// <param name="fault">Composes the exception: offset, field, value, limit.</param>
    /// <exception cref="ModelFormatException">There is no such dictionary, or there are several.</exception>
    public static PickleDictionary Find(object? value, Func<long, string, string, string, ModelFormatException> fault)
    {
        // A dictionary may hold itself, so the depth has a bound.
        for (int depth = 0; depth < MaxDepth && value is PickleDictionary dictionary; depth++)
        {
            string[] nested = [.. s_names.Where(name => dictionary.GetValueOrDefault(name) is PickleDictionary)];
            if (nested.Length == 0 || dictionary.Values.Any(entry => entry is TorchTensor))
                return dictionary;
            if (nested.Length > 1)
                throw fault(-1, "checkpoint", $"a dictionary of several state dictionaries: {string.Join(", ", nested)}", "save the model's own state_dict() alone");
            value = dictionary[nested[0]];
        }

        throw fault(-1, "pickle", value is PickleDictionary ? "a dictionary of dictionaries" : "not a dictionary", "a checkpoint must be a dictionary of tensors");
    }
}
