using Llama2;
using Llama2.Extensions;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

using LlamaModel model = LlamaModel.Load(args is [var path] ? path : Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));

Dictionary<string, string> reports = new() { ["Oslo"] = "snowy, -4 degrees", ["Rome"] = "sunny, 21 degrees" };
AITool[] tools =
[
    AIFunctionFactory.Create((string city) => reports.GetValueOrDefault(city, "unknown"), "get_weather", "The weather in a city"),
    AIFunctionFactory.Create((int left, int right) => left * right, "multiply", "The product of two numbers"),
];
// The agent executes the calls, and sends their results to the model.
AIAgent agent = new LlamaChatClient(model).AsAIAgent(new ChatClientAgentOptions { ChatOptions = new() { Tools = tools, Temperature = 0 } });
AgentSession session = await agent.CreateSessionAsync();

foreach (string question in (string[])["What is the weather in Oslo?", "And what is the weather in Rome?", "What is 23 times 47?"])
{
    Console.Write($"> {question}\n");
    await foreach (AgentResponseUpdate update in agent.RunStreamingAsync(question, session))
    {
        foreach (FunctionCallContent call in update.Contents.OfType<FunctionCallContent>())
            Console.Write($"[calls {call.Name}({string.Join(", ", call.Arguments!.Values)})]\n");
        Console.Write(update.Text);
    }

    Console.Write("\n");
}
