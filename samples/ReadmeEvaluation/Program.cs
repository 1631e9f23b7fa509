using Llama2;
using Llama2.Evaluation;

using LlamaModel model = LlamaModel.Load(args[0]);
EvaluationTaskSet set = BuiltInTasks.Create(args[1], DataFolder.Open(args[2]));
var options = new EvaluationRunOptions { Groups = set.Groups, MaxExampleCount = 20 };
EvaluationReport report = await EvaluationRunner.RunAsync(new ModelBackend(model), set.Tasks, options);
MarkdownReport.Write(report, Console.Out);
