using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Evaluating;

/// <summary>The data sets that a command names with <c>--data</c>.</summary>
internal static class EvaluationData
{
    /// <summary>Opens a folder, or a data set that was pulled, which is marked as used.</summary>
    /// <exception cref="CommandException">There is neither.</exception>
    /// <exception cref="ModelStoreException">Several pulled data sets match, or the data set has changed since it was pulled.</exception>
    public static DataFolder Open(string name, ConsoleHost host)
    {
        if (Directory.Exists(name))
            return DataFolder.Open(name);
        if (!LlamaModelReference.TryParse(name, out LlamaModelReference? reference) || !reference.IsDataset)
            throw new CommandException($"There is no folder '{name}' with data sets; name a folder, or a pulled data set as datasets/OWNER/REPOSITORY.");

        using var store = new LlamaModelStore(host.StoreOptions);
        StoredModel data = store.Find(reference)
            ?? throw new CommandException($"There is no folder '{name}', and no pulled data set of that name; 'llama2 list' shows what was pulled, and 'llama2 pull {name}' pulls it from the hub.");
        store.MarkUsed(data);
        return DataFolder.Open(data.Path);
    }
}
