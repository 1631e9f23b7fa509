using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Memory;

namespace Llama2.Cli.Serving;

/// <summary>Checks the models that are loaded at the start of a server, before it listens.</summary>
internal static class StartCheck
{
    /// <summary>Reads the models' headers only, so it takes milliseconds. A model that passes may still fail when it is loaded.</summary>
    /// <exception cref="CommandException">A model needs more memory than all models together may take.</exception>
    /// <exception cref="LlamaException">A model is malformed, or does not have such a context.</exception>
    public static void Run(ServerSettings settings)
    {
        foreach ((NamedModel model, string path) in settings.Models.Take(settings.LoadedCount))
        {
            // Adapters and the models that are loaded later are left out: the router measures them.
            LlamaMemoryEstimate estimate = LlamaModel.EstimateMemory(path, settings.Loading);
            if (settings.MemoryByteSize is { } budget && estimate.RequiredByteSize > budget)
            {
                throw new CommandException(
                    $"The model '{PrintableText.Shorten(model.Name, 80)}' needs {ByteSizeText.Needed(estimate.RequiredByteSize)}, and --memory allows {ByteSizeText.Available(budget)}. "
                    + "Raise --memory, set a shorter --context or a smaller --cache-type, or use a model with fewer bits.");
            }
        }
    }
}
