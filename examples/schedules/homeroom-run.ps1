# One scheduled run on Windows: `homeroom sync`, then the exit code and the summary file put to use.
# (Homeroom is not tested on Windows, nor is this script.)
#   powershell -NoProfile -ExecutionPolicy Bypass -File homeroom-run.ps1 C:\Homeroom\school.yaml
# The keys are variables of the account that the task runs as, or in .dlt\secrets.toml beside the config.
param(
    [Parameter(Mandatory = $true)][string]$Config,
    [string]$Homeroom = "homeroom",
    [string]$Log = (Join-Path (Split-Path -Parent $Config) "log")
)

$name = [IO.Path]::GetFileNameWithoutExtension($Config)
New-Item -ItemType Directory -Force -Path $Log | Out-Null
$summary = Join-Path $Log "$name.json"
$output = Join-Path $Log "$name.log"
# A command line that is wrong ends before the file is emptied; then there shall be none.
if (Test-Path $summary) { Remove-Item $summary }

Set-Location (Split-Path -Parent $Config)
cmd /c "`"$Homeroom`" sync `"$Config`" --summary-file `"$summary`" > `"$output`" 2>&1"
$code = $LASTEXITCODE

if ($code -ne 0) {
    $lines = @("homeroom ${name}: exit code $code")
    if ((Test-Path $summary) -and (Get-Item $summary).Length -gt 0) {
        $told = Get-Content -Raw -Encoding UTF8 $summary | ConvertFrom-Json
        if ($told.error) { $lines += "$($told.message) [$($told.code)]" }
        foreach ($line in $told.resources) {
            if ($line.status -notin @("complete", "unproved")) {
                $lines += "$($line.resource): $($line.status); $($line.note)"
            }
        }
    }
    $lines += "more: $output, $summary"
    # The event log of Windows; make the source once, as an administrator: New-EventLog -LogName Application -Source Homeroom
    Write-EventLog -LogName Application -Source Homeroom -EntryType Error -EventId (1000 + $code) -Message ($lines -join "`n")
}
exit $code
