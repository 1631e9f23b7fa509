using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Evaluating;

/// <summary>The list of the built-in tasks. The table leaves out tasks that belong to a group; the JSON has all tasks.</summary>
internal static class TaskList
{
    public static void Write(ConsoleHost host, bool isJson)
    {
        BuiltInTaskDescription[] all = [.. BuiltInTasks.Names.Select(BuiltInTasks.Describe)];
        if (isJson)
        {
            WriteJson(host, all);
            return;
        }

        var inner = all.SelectMany(entry => entry.TaskNames).ToHashSet();
        TextTable.Write(host.Output, host.OutputWidth, ["task", "data set", "shots", "what it measures"], [2], all.Where(entry => !inner.Contains(entry.Name)), (entry, cells) =>
        {
            cells[0].Append(entry.Name);
            cells[1].Append(entry.DatasetPath);
            cells[2].Append(entry.TaskNames.Count == 0 ? $"{entry.FewShotCount}" : "");
            cells[3].Append(entry.Description);
        });
    }

    private static void WriteJson(ConsoleHost host, BuiltInTaskDescription[] all) => JsonOutput.Write(host.OutputStream, json =>
    {
        foreach (BuiltInTaskDescription entry in all)
        {
            json.WriteStartObject(entry.Name);
            json.WriteString("description", entry.Description);
            if (entry.TaskNames.Count > 0)
            {
                json.WriteStartArray("tasks");
                foreach (string name in entry.TaskNames)
                    json.WriteStringValue(name);
                json.WriteEndArray();
            }
            else
            {
                json.WriteString("dataset_path", entry.DatasetPath);
                json.WriteString("dataset_name", entry.DatasetName);
                json.WriteString("split", entry.Split);
                json.WriteString("output_type", entry.OutputType);
                json.WriteNumber("num_fewshot", entry.FewShotCount);
            }

            json.WriteEndObject();
        }
    });
}
