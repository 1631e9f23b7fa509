using Llama2;
using TrainStoryteller.Examination;

namespace TrainStoryteller;

/// <summary>Creates the demonstration model, or tests models. It is a named class, because tests use it together with the class of another sample.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        // Ctrl+C ends training after the current batch; the checkpoint then has the state of training, and the same command continues from it.
        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, signal) =>
        {
            signal.Cancel = true;
            cancellation.Cancel();
        };

        try
        {
            Settings settings = Settings.Parse(arguments);
            IReadOnlyList<string> models = settings.ModelsToExamine;
            if (models.Count == 0)
                models = [new StorytellerTraining(settings, Console.Out).Run(cancellation.Token)];
            foreach (string model in models)
                await new Examiner(model, settings).ReportAsync(Console.Out, cancellation.Token);
            return 0;
        }
        catch (FormatException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.Message}\n{Settings.Usage}");
            return 2;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Cancelled. Training continues from its last checkpoint with the same command.");
            return 1;
        }
        catch (Exception exception) when (exception is LlamaException or IOException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
