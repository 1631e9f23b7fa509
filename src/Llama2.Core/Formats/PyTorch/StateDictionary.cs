namespace Llama2.Formats.PyTorch;

/// <summary>
/// Finds the dictionary of the model's tensors in a file that a training program wrote. The file contains either this dictionary alone, or a
/// dictionary that also contains the state of the training.
/// </summary>
internal static class StateDictionary
{
    private const int MaxDepth = 4;

    // The names under which Lightning, Fairseq, DeepSpeed, torchtune and other programs store the model's tensors.
    private static readonly string[] s_names = ["state_dict", "model_state_dict", "model", "module"];

    /// <summary>Returns the value itself if it contains tensors; otherwise the only dictionary in it that has one of the usual names.</summary>
    /// <param name="value">The value of the pickle.</param>
    /// <param name="fault">A function that creates the exception from the offset, the field, the value and the limit, in this order.</param>
    /// <exception cref="ModelFormatException">There is no such dictionary, or there are several.</exception>
    public static PickleDictionary Find(object? value, Func<long?, string, string, string, ModelFormatException> fault)
    {
        // A dictionary may contain itself, so the depth is limited.
        for (int depth = 0; depth < MaxDepth && value is PickleDictionary dictionary; depth++)
        {
            string[] nested = [.. s_names.Where(name => dictionary.GetValueOrDefault(name) is PickleDictionary)];
            if (nested.Length == 0 || dictionary.Values.Any(entry => entry is TorchTensor))
                return dictionary;
            if (nested.Length > 1)
                throw fault(null, "checkpoint", $"a dictionary of several state dictionaries: {string.Join(", ", nested)}", "save the model's own state_dict() alone");
            value = dictionary[nested[0]];
        }

        throw fault(null, "pickle", value is PickleDictionary ? "a dictionary of dictionaries" : "not a dictionary", "a checkpoint must be a dictionary of tensors");
    }
}
