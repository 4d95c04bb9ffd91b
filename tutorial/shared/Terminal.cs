using Spectre.Console;

namespace Facula.Tutorial;

/// <summary>Progress on a terminal; silence where the output goes elsewhere, so that files hold no escape codes.</summary>
public static class Terminal
{
    /// <summary>Whether there is a terminal to draw on.</summary>
    public static bool IsLive => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;

    /// <summary>Columns of text that fit on a line; without a terminal, any number.</summary>
    public static int Width => IsLive ? AnsiConsole.Profile.Width : int.MaxValue;

    /// <summary>Runs work that reports how much of it is done, from 0 to 1, with a few words.</summary>
    public static void Progress(string title, Action<Action<double, string>> work)
    {
        if (!IsLive)
        {
            work((_, _) => { });
            return;
        }
        AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
        {
            ProgressTask task = context.AddTask(title, maxValue: 1);
            work((done, words) =>
            {
                task.Value = done;
                task.Description = Markup.Escape($"{title}  {words}");
            });
        });
    }

    /// <summary>A table of text.</summary>
    public static void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Ascii2 };
        foreach (string column in header) table.AddColumn(new TableColumn(column).RightAligned());
        foreach (IReadOnlyList<string> row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }
}
