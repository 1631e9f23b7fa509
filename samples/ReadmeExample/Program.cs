using Llama2;

using LlamaModel model = LlamaModel.Load(args[0]);
IChatSession chat = model.CreateChatSession();

foreach (string question in (string[])["What sound does a cow make?", "And where does a bear live?", "Tell me a short story about a rabbit."])
{
    Console.Write($"> {question}\n");
    await foreach (GenerationUpdate update in chat.SendAsync(question, new GenerationOptions { Temperature = 0 }))
        Console.Write(update.Text);
    Console.Write("\n");
}
