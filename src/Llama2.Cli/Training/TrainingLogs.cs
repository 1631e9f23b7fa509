using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Formats;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The logs of a run. If one cannot be written, for example because the disk is full, a warning is shown, and training continues without it.</summary>
/// <param name="host">The console for warnings.</param>
/// <param name="logs">The logs and their paths; they are disposed with this object.</param>
internal sealed class TrainingLogs(ConsoleHost host, List<(string Path, ITrainingLog Log)> logs) : IDisposable
{
    public void Report(TrainingProgress value) => Write(log => log.Report(value));

    public void AddGeneration(int step, string prompt, string text) => Write(log => log.AddGeneration(step, prompt, text));

    public void Dispose() => logs.ForEach(log => log.Log.Dispose());

    private void Write(Action<ITrainingLog> write)
    {
        for (int i = logs.Count - 1; i >= 0; i--)
        {
            try
            {
                write(logs[i].Log);
            }
            catch (Exception exception) when (DiskSpace.IsRefusal(exception))
            {
                host.Error.WriteLine(PrintableText.SingleLine($"llama2: warning: the log '{logs[i].Path}' is not continued: {ErrorSentence.Of(exception)}"));
                logs[i].Log.Dispose();
                logs.RemoveAt(i);
            }
        }
    }
}
